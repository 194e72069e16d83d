// What SQL is made of, and which words fit where the caret stands. Nothing here touches the page.

const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:''|[^'])*(?:'|$))|(?<quoted>"(?:""|[^"])*(?:"|$))|(?<number>\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<space>\s+)|(?<sign>[\s\S])/giu

const KEYWORDS = new Set(
  ("SELECT FROM WHERE GROUP BY ORDER HAVING QUALIFY LIMIT OFFSET AS ON USING JOIN LEFT RIGHT INNER FULL OUTER CROSS " +
    "ASOF POSITIONAL LATERAL SEMI ANTI UNION ALL INTERSECT EXCEPT EXCLUDE REPLACE DISTINCT WITH RECURSIVE CASE WHEN " +
    "THEN ELSE END AND OR NOT IN IS NULL LIKE ILIKE BETWEEN EXISTS CAST TRY_CAST OVER PARTITION ROWS RANGE PRECEDING " +
    "FOLLOWING UNBOUNDED CURRENT ROW FILTER WINDOW INTERVAL DATE TIMESTAMP TRUE FALSE ASC DESC NULLS FIRST LAST " +
    "VALUES PIVOT UNPIVOT SIMILAR TO ESCAPE WITHIN COLUMNS").split(" "),
)
// After these a name of a table is expected.
const BEFORE_TABLES = new Set(["FROM", "JOIN"])
const ENDS_TABLES = new Set(
  "SELECT WHERE GROUP ORDER HAVING QUALIFY LIMIT WINDOW UNION INTERSECT EXCEPT ON USING".split(" "),
)
const MOST = 60

// Tokens in order: {kind, text, start}. Kinds: comment, string, quoted, number, keyword, call, word, space, sign.
function tokens(sql) {
  const found = []
  for (const match of sql.matchAll(TOKEN)) {
    let kind = Object.keys(match.groups).find(name => match.groups[name] !== undefined)
    if (kind === "word") {
      if (KEYWORDS.has(match[0].toUpperCase())) kind = "keyword"
      else if (/^\s*\(/.test(sql.slice(match.index + match[0].length))) kind = "call"
    }
    found.push({ kind, text: match[0], start: match.index })
  }
  return found
}

const bare = name => (name.startsWith('"') ? name.slice(1, name.endsWith('"') ? -1 : undefined).replaceAll('""', '"') : name)
const isName = token => token && ["word", "call", "quoted"].includes(token.kind)
const same = (one, other) => one.toLowerCase() === other.toLowerCase()
const written = name => (/^[a-z_][a-z0-9_]*$/i.test(name) && !KEYWORDS.has(name.toUpperCase()) ? name : `"${name.replaceAll('"', '""')}"`)

// Which relations a statement reads, by the name or alias that it gives each.
function relations(all, tables) {
  const found = []
  const said = all.filter(token => token.kind !== "space" && token.kind !== "comment")
  for (let at = 0; at < said.length; at++) {
    if (said[at].kind !== "keyword" || !BEFORE_TABLES.has(said[at].text.toUpperCase())) continue
    while (isName(said[at + 1])) {
      const table = tables.find(one => same(one.name, bare(said[at + 1].text)))
      at += 1
      if (said[at + 1]?.kind === "keyword" && same(said[at + 1].text, "AS")) at += 1
      const alias = isName(said[at + 1]) ? bare(said[(at += 1)].text) : ""
      if (table) found.push({ alias: alias || table.name, table })
      if (said[at + 1]?.text !== ",") break
      at += 1
    }
  }
  return found
}

// What the caret stands in: the word before it, what qualifies it, and whether a table is expected.
function place(sql, caret) {
  const before = tokens(sql.slice(0, caret))
  const last = before.at(-1)
  if (last && ["comment", "string", "number"].includes(last.kind) && !(last.kind === "string" && last.text.length > 1 && last.text.endsWith("'"))) {
    return null
  }
  const open = last?.kind === "quoted" && !(last.text.length > 1 && last.text.endsWith('"'))
  const typing = last && (["word", "keyword", "call"].includes(last.kind) || open) ? last : null
  const said = before.filter(token => token !== typing && token.kind !== "space" && token.kind !== "comment")
  const dotted = said.at(-1)?.text === "." && isName(said.at(-2)) ? bare(said.at(-2).text) : ""
  const clause = said.findLast(
    token => token.kind === "keyword" && (BEFORE_TABLES.has(token.text.toUpperCase()) || ENDS_TABLES.has(token.text.toUpperCase())),
  )
  const listed = ["FROM", "JOIN"].includes(said.at(-1)?.text.toUpperCase()) || said.at(-1)?.text === ","
  const naming = Boolean(clause && BEFORE_TABLES.has(clause.text.toUpperCase()) && listed)
  return { word: typing ? bare(typing.text) : "", start: typing ? typing.start : caret, qualifier: dotted, naming }
}

// Words that fit at the caret, best first: {text, name, kind, detail}. `vocabulary` is {tables: [{name, kind, columns}],
// functions: {kind: "names between blanks"}}.
function suggestions(sql, caret, vocabulary) {
  const here = place(sql, caret)
  if (!here) return null
  const read = relations(tokens(sql), vocabulary.tables)
  const columnsOf = (some, rank) =>
    some.flatMap(({ alias, table }) =>
      table.columns.map(([name, type]) => ({ rank, text: written(name), name, kind: "column", detail: `${type} · ${alias}` })),
    )
  const asTables = vocabulary.tables.map(table => ({
    rank: 1, text: written(table.name), name: table.name, kind: "table", detail: `${table.kind} · ${table.columns.length} columns`,
  }))
  let offered
  if (here.qualifier) {
    const found = read.filter(one => same(one.alias, here.qualifier) || same(one.table.name, here.qualifier))
    const named = vocabulary.tables.filter(table => same(table.name, here.qualifier))
    offered = columnsOf(found.length ? found.slice(0, 1) : named.map(table => ({ alias: table.name, table })), 0)
  } else if (here.naming) {
    offered = asTables
  } else {
    const aliases = read.map(({ alias, table }) => ({
      rank: 1, text: written(alias), name: alias, kind: "table", detail: same(alias, table.name) ? table.kind : `is ${table.name}`,
    }))
    const functions = Object.entries(vocabulary.functions).flatMap(([detail, names]) =>
      names.split(" ").map(name => ({ rank: 2, text: `${name}(`, name, kind: "function", detail })),
    )
    const keywords = [...KEYWORDS].map(name => ({ rank: 2, text: name, name, kind: "keyword", detail: "" }))
    offered = [...columnsOf(read, 0), ...aliases, ...functions, ...keywords, ...(read.length ? [] : asTables)]
  }
  return { ...here, words: ranked(offered, here.word) }
}

// Names that begin with the word, then those that hold it; what is typed out in full needs no suggestion.
function ranked(offered, word) {
  const wanted = word.toLowerCase()
  const seen = new Set()
  return offered
    .map(one => ({ ...one, at: one.name.toLowerCase().indexOf(wanted) }))
    .filter(one => one.at === 0 || (one.at > 0 && wanted.length > 1 && one.rank < 2))
    .filter(one => !(one.kind === "keyword" && one.name.length === word.length))
    .sort((a, b) => Math.sign(a.at) - Math.sign(b.at) || a.rank - b.rank || (a.rank === 2 ? a.name.length - b.name.length : 0))
    .filter(one => !seen.has(one.text + one.detail) && seen.add(one.text + one.detail))
    .slice(0, MOST)
}
