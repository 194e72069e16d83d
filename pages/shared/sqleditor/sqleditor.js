// An editor for one SQL statement: a text area over its own highlighted copy, so that typing, undo, selection, spelling
// and screen readers stay the browser's. words.js is put in front of this file.

const PAUSE_MS = 500
const editors = new WeakMap()

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let editor = editors.get(parentElement)
  if (!editor) editors.set(parentElement, (editor = new Editor(parentElement)))
  editor.tell = { setStateValue, setTriggerValue }
  editor.show(data)
  return () => editor.leave()
}

class Editor {
  constructor(root) {
    const find = selector => root.querySelector(selector)
    this.root = root
    this.parts = { name: find(".name"), frame: find(".frame"), gutter: find(".gutter"), shown: find(".shown") }
    this.text = find(".text")
    this.fault = find(".fault")
    this.told = find(".told")
    this.list = find(".words")
    this.epoch = null
    this.found = null
    this.text.oninput = event => this.typed(event)
    this.text.onkeydown = event => this.pressed(event)
    // Outside, a key looks as if it were pressed on no text box at all, and Streamlit has keys of its own.
    for (const kind of ["keydown", "keypress", "keyup"]) root.addEventListener(kind, event => event.stopPropagation())
    this.text.onblur = () => (this.close(), this.send())
    this.text.onclick = () => this.close()
    this.parts.frame.onscroll = () => this.close()
    this.list.onmousedown = event => event.preventDefault() // the caret stays where it is
    this.list.onclick = event => this.take(Number(event.target.closest("li")?.dataset.at))
    this.away = () => this.close()
    window.addEventListener("scroll", this.away, { capture: true, passive: true })
  }

  // What the page says: a new text only under a new epoch, so that what is being typed is never overwritten.
  show(data) {
    this.data = data
    this.parts.name.textContent = data.label
    if (data.epoch !== this.epoch) {
      this.epoch = data.epoch
      // The same text as this editor said last: what was typed since goes on.
      if (data.text !== this.sent) {
        clearTimeout(this.waiting)
        this.waiting = null
        this.sent = data.text
        if (this.text.value !== data.text) this.text.value = data.text
      }
    }
    this.draw()
    this.showFault()
  }

  leave() {
    clearTimeout(this.waiting)
    window.removeEventListener("scroll", this.away, { capture: true })
    editors.delete(this.root)
  }

  send() {
    clearTimeout(this.waiting)
    this.waiting = null
    if (this.text.value === this.sent) return
    this.sent = this.text.value
    this.tell.setStateValue("edit", { text: this.sent, epoch: this.epoch })
  }

  typed(event) {
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.send(), PAUSE_MS)
    this.draw()
    if (event.isComposing) return
    const before = this.text.value.slice(0, this.text.selectionStart)
    if (event.inputType === "insertText" && /(?:[\p{L}_][\p{L}\p{N}_]|[\p{L}\p{N}_"]\.[\p{L}_]?)$/u.test(before)) this.suggest()
    else if (this.found && event.inputType?.startsWith("deleteContent") && /[\p{L}\p{N}_.]$/u.test(before)) this.suggest()
    else this.close()
  }

  pressed(event) {
    const command = event.ctrlKey || event.metaKey
    if (command && event.key === " ") this.suggest(true)
    else if (command && event.key === "Enter") (this.send(), this.tell.setTriggerValue("run", this.text.value))
    else if (command && event.key === "/") this.comment()
    else if (this.found && ["ArrowDown", "ArrowUp"].includes(event.key)) this.choose(event.key === "ArrowDown" ? 1 : -1)
    else if (this.found && event.key === "Escape") this.close()
    else if (this.found && (event.key === "Tab" || (event.key === "Enter" && this.chosen)) && !event.shiftKey) this.take(this.at)
    else if (event.key === "Enter" && !command && !event.shiftKey && !event.isComposing) this.newLine()
    else {
      if (["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"].includes(event.key)) this.close()
      return
    }
    event.preventDefault()
  }

  newLine() {
    const before = this.text.value.slice(0, this.text.selectionStart)
    this.insert(`\n${/^[ \t]*/.exec(before.slice(before.lastIndexOf("\n") + 1))[0]}`)
    this.close()
  }

  // Put -- in front of the lines that are selected, or take it away.
  comment() {
    const { value, selectionStart, selectionEnd } = this.text
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1
    const to = (value.indexOf("\n", selectionEnd) + 1 || value.length + 1) - 1
    const lines = value.slice(from, to).split("\n")
    const on = lines.every(line => /^\s*--/.test(line) || !line.trim())
    const changed = lines.map(line => (on ? line.replace(/^(\s*)-- ?/, "$1") : line && `-- ${line}`)).join("\n")
    this.text.setSelectionRange(from, to)
    this.insert(changed)
    this.text.setSelectionRange(from, from + changed.length)
  }

  // Type for the person, so that the browser's own undo takes it back.
  insert(words) {
    if (!document.execCommand("insertText", false, words)) {
      this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end")
      this.text.dispatchEvent(new InputEvent("input", { inputType: "insertReplacementText" }))
    }
  }

  draw() {
    const lines = [[]]
    for (const { kind, text } of tokens(this.text.value)) {
      text.split("\n").forEach((part, at) => {
        if (at) lines.push([])
        if (part) lines.at(-1).push([kind, part])
      })
    }
    const wrong = this.data.fault?.line ?? 0
    this.parts.frame.classList.toggle("wrong", Boolean(this.data.fault))
    this.parts.gutter.replaceChildren(...lines.map((_, at) => made("div", at + 1 === wrong ? "wrong" : "", String(at + 1))))
    this.parts.shown.replaceChildren(
      ...lines.map((line, at) => {
        const drawn = made("div", at + 1 === wrong ? "wrong" : "")
        drawn.append(...line.map(([kind, part]) => made("span", kind, part)), ...(line.length ? [] : ["\u200b"]))
        return drawn
      }),
    )
    if (wrong && this.data.fault.column) this.underline(this.parts.shown.children[wrong - 1], this.data.fault.column)
  }

  // Mark the word at a column (from 1) of a line.
  underline(line, column) {
    let start = 1
    for (const piece of line?.children ?? []) {
      if (start + piece.textContent.length > column) return piece.replaceChildren(made("mark", "", piece.textContent))
      start += piece.textContent.length
    }
  }

  showFault() {
    const fault = this.data.fault
    const said = fault ? `${fault.line} ${fault.problem} ${fault.hint}` : ""
    this.text.setAttribute("aria-invalid", String(Boolean(fault)))
    if (said === this.said) return
    this.said = said
    const line = fault?.line ? [made("button", "", `Line ${fault.line}`), document.createTextNode(": ")] : []
    if (line.length) line[0].onclick = () => this.goTo(fault.line, fault.column)
    this.fault.replaceChildren(...(fault ? [...line, `${fault.problem} `, made("span", "hint", fault.hint)] : []))
  }

  goTo(line, column) {
    const start = this.text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0)
    this.text.focus()
    this.text.setSelectionRange(start + (column ? column - 1 : 0), start + (column ? column - 1 : 0))
  }

  suggest(asked = false) {
    const found = suggestions(this.text.value, this.text.selectionStart, this.data.vocabulary)
    if (!found?.words.length) {
      if (asked) this.told.textContent = "Nothing to suggest here"
      return this.close()
    }
    this.found = found
    this.chosen = asked
    this.list.replaceChildren(
      ...found.words.map(({ name, detail, kind }, at) => {
        const item = made("li", kind, "")
        item.append(made("span", "", name), made("small", "", detail || kind))
        Object.assign(item, { id: `word-${at}`, role: "option" })
        item.dataset.at = at
        return item
      }),
    )
    this.list.showPopover?.()
    this.beside(found.start)
    this.mark(0)
    this.told.textContent = `${found.words.length} suggestions, first ${found.words[0].name}`
  }

  // Put the list under the place in the text, or over it where there is no room below.
  beside(start) {
    const before = this.text.value.slice(0, start).split("\n")
    const line = this.parts.shown.children[before.length - 1]
    const range = document.createRange()
    range.setStart(line, 0)
    let left = before.at(-1).length
    for (const piece of line.childNodes) {
      const inner = document.createTreeWalker(piece, NodeFilter.SHOW_TEXT).nextNode() ?? piece
      if (left <= inner.length) {
        range.setEnd(inner, left)
        break
      }
      left -= inner.length
    }
    const edge = line.getBoundingClientRect()
    const width = before.at(-1).length ? range.getBoundingClientRect().width : 0
    const box = this.list.getBoundingClientRect()
    const below = edge.bottom + 4
    this.list.style.left = `${Math.max(8, Math.min(edge.left + width - 8, window.innerWidth - box.width - 8))}px`
    this.list.style.top = `${below + box.height > window.innerHeight ? edge.top - box.height - 4 : below}px`
  }

  choose(by) {
    const n = this.found.words.length
    const next = this.chosen ? (this.at + by + n) % n : by > 0 ? 0 : n - 1
    this.chosen = true
    this.mark(next)
    const { name, kind, detail } = this.found.words[next]
    this.told.textContent = `${name}, ${detail || kind}, ${next + 1} of ${n}`
  }

  mark(at) {
    this.at = at
    for (const item of this.list.children) item.setAttribute("aria-selected", String(Number(item.dataset.at) === at))
    this.list.children[at]?.scrollIntoView({ block: "nearest" })
    this.text.setAttribute("aria-activedescendant", `word-${at}`)
  }

  take(at) {
    const word = this.found?.words[at]
    if (!word) return
    const end = this.text.selectionStart + (/^[\p{L}\p{N}_]*/u.exec(this.text.value.slice(this.text.selectionStart))?.[0].length ?? 0)
    this.text.setSelectionRange(this.found.start, end)
    this.insert(word.text)
    this.close()
  }

  close() {
    if (!this.found) return
    this.found = null
    this.list.hidePopover?.()
    this.list.replaceChildren()
    this.text.removeAttribute("aria-activedescendant")
    this.told.textContent = ""
  }
}

function made(tag, kind, text) {
  const element = document.createElement(tag)
  if (kind) element.className = kind
  if (text !== undefined) element.textContent = text
  if (tag === "button") element.type = "button"
  return element
}
