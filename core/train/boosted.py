"""Boosted trees on native categories, stopped early on rows held back inside the fit."""

import numpy as np
import xgboost

from core.scoring.encode import Encoder
from core.scoring.model import Calibrator, save_boosted
from core.train.columns import MAX_LEVELS
from core.train.fitting import FitRows, Fitted, Growth, inner_splits, n_inner
from core.train.metrics import log_loss
from core.train.pace import Pace

# The tuned default XGB_TD_CLASS of Holzmüller, Grinsztajn and Steinwart ("Better by default", NeurIPS 2024) is the
# start: hist, 256 bins, at most 1,000 rounds, rows and columns subsampled. Its leaf penalty of 0 and child weight of
# 5e-6 were tuned on other encodings; with native categories they overfit. Three folds each on german credit, telco
# churn, adult, bank marketing, leads: XGB_TD_CLASS .783 .839 .925 .799 .893, these .790 .845 .925 .800 .898, stock
# XGBClassifier .784 .816 .924 .781 .887; with a column of 2,000 random levels added to telco and bank XGB_TD_CLASS
# falls to .828 and .780. On flights (time-ordered) .720 against .74.
# One thread below a million cells: there two spend their time waiting for each other (640 × 20: 0.6 ms a round on one,
# 3.1 on two; 30,000 × 20: 2.8 and 3.0; 100,000 × 20: 7.3 and 6.5). A function of the data, never of the machine.
THREADS = 2
CELLS_FOR_TWO = 1_000_000
PARAMS: dict[str, object] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_bin": 256,
    "max_depth": 5,
    "min_child_weight": 2.0,
    "reg_lambda": 5.0,
    "subsample": 0.7,
    "colsample_bylevel": 0.6,
    "max_cat_threshold": 32,
}
MAX_ROUNDS = 1_000
PATIENCE = 50
LEAST_ROUNDS = 10
UNCHOSEN_ROUNDS = 40
RACE_SHARE = 0.7

# 160 rounds at 0.05 learn most of what there is; where the budget cannot grow so many, each takes a longer step.
SLOWEST, FASTEST = 0.05, 0.3
SUM_OF_STEPS = 8.0
SECONDS_PER_ROUND, SECONDS_PER_CELL = 1e-3, 4e-9


def fit_boosted(rows: FitRows, pace: Pace, growth: Growth) -> Fitted:
    """Fit boosted trees, the number of rounds chosen on rows held back inside.

    From 10,000 rows on, one booster is stopped early, and cut back to its best round it is the model; below, four
    boosters vote on the rounds, and the model then learns from all rows. Time running out stops them sooner.

    Raises
    ------
    CancelledError
        When somebody stopped the training.
    """
    encoder = Encoder.fit(rows.table, rows.columns, max_levels=MAX_LEVELS)
    matrix = encoder.encode(rows.table)
    masks = [] if growth.whole else inner_splits(rows)
    settings = {**PARAMS, "learning_rate": growth.learning_rate, "seed": rows.seed}
    rounds, cut = growth.rounds, False
    if rounds is None and masks:
        trees = [Trees(matrix, rows.y, ~mask, encoder, settings) for mask in masks]
        rounds, cut = _race(trees, pace)
        if len(masks) == 1:
            return _fitted(trees[0], encoder, rounds, cut)
    learnt = ~masks[0] if len(masks) == 1 else np.ones(rows.y.size, dtype=bool)
    final = Trees(matrix, rows.y, learnt, encoder, settings)
    rounds = UNCHOSEN_ROUNDS if rounds is None else rounds
    grown = _grow(final, rounds, pace, hurry=not masks)
    return _fitted(final, encoder, grown, cut or grown < rounds)


def learning_rate(n_rows: int, n_columns: int, seconds: float) -> float:
    """Return the step that a budget allows: a function of the data's size and the budget, not of the clock.

    Parameters
    ----------
    n_rows, n_columns : of the largest fit.
    seconds : planned for it.
    """
    each = (SECONDS_PER_ROUND + SECONDS_PER_CELL * n_rows * n_columns) * n_inner(n_rows)
    n_rounds = RACE_SHARE * seconds / each
    return float(f"{min(max(SUM_OF_STEPS / n_rounds, SLOWEST), FASTEST):.2g}")


class Trees:
    """A booster, the rows it learns from, and those it is judged on.

    Parameters
    ----------
    matrix : (n, p) float32, as the encoder makes it.
    y : (n,) 0 or 1.
    learnt : (n,) bool, rows to learn from; the others are held back.
    encoder : says which columns are categories.
    settings : XGBoost's. Each round draws by (seed, round) alone, so that boosters may take turns.
    """

    def __init__(
        self, matrix: np.ndarray, y: np.ndarray, learnt: np.ndarray, encoder: Encoder, settings: dict[str, object]
    ) -> None:
        """Bin the rows."""
        threads = THREADS if matrix.size >= CELLS_FOR_TWO else 1
        kinds = {"feature_types": encoder.feature_types, "enable_categorical": True, "nthread": threads}
        self._train = xgboost.QuantileDMatrix(matrix[learnt], y[learnt], max_bin=PARAMS["max_bin"], **kinds)
        self._held = None if learnt.all() else xgboost.DMatrix(matrix[~learnt], **kinds)
        self._y_held = y[~learnt]
        self.n_rows = int(learnt.sum())
        self.settings = settings
        cached = [self._train] if self._held is None else [self._train, self._held]
        self.booster = xgboost.Booster({**settings, "seed_per_iteration": True, "nthread": threads}, cache=cached)

    def grow(self, round_: int) -> None:
        """Add one tree."""
        self.booster.update(self._train, round_)

    def loss(self) -> float:
        """Log loss, summed over the rows held back."""
        return log_loss(self._y_held, self.booster.predict(self._held)) * self._y_held.size


def _race(trees: list[Trees], pace: Pace) -> tuple[int, bool]:
    """Let boosters grow together; return the rounds after which they lost least in sum, and whether time ran out."""
    share = RACE_SHARE if len(trees) > 1 else 1.0
    best, best_loss = LEAST_ROUNDS, np.inf
    for round_ in range(MAX_ROUNDS):
        for one in trees:
            one.grow(round_)
            pace.check()
        loss = sum(one.loss() for one in trees)
        if loss < best_loss and round_ + 1 >= LEAST_ROUNDS:
            best, best_loss = round_ + 1, loss
        pace.step(share * round_ / MAX_ROUNDS)
        if round_ + 1 - best >= PATIENCE:
            break
        if round_ + 1 >= LEAST_ROUNDS and pace.out_of_time(share):
            return best, True
    return best, False


def _grow(trees: Trees, rounds: int, pace: Pace, hurry: bool) -> int:
    """Grow so many trees; in a hurry, fewer when time runs out. Return how many."""
    for round_ in range(rounds):
        trees.grow(round_)
        pace.step(round_ / rounds)
        if hurry and round_ + 1 >= LEAST_ROUNDS and pace.out_of_time():
            return round_ + 1
    return rounds


def _fitted(trees: Trees, encoder: Encoder, rounds: int, cut: bool) -> Fitted:
    """Cut the booster back to its rounds and write it down."""
    files = save_boosted(trees.booster[:rounds], encoder, Calibrator())
    return Fitted(files, rounds, {**trees.settings, "rows": trees.n_rows}, cut)
