// When a card is due again: FSRS-6 with its default parameters, without fuzz.
// Formulas: https://github.com/open-spaced-repetition/awesome-fsrs/wiki/The-Algorithm
// Tests hold every step of it against the package `fsrs`.
"use strict";
const fsrs = (() => {
  const MINUTE = 60e3;
  const DAY = 864e5;
  const [AGAIN, HARD, GOOD, EASY] = [1, 2, 3, 4];
  const w = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796,
    1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
  ];
  const FACTOR = 0.9 ** (-1 / w[20]) - 1;
  const STEPS = { learning: [1, 10], relearning: [10] }; // minutes
  const LONGEST = 36500; // days

  const between = (low, value, high) => Math.min(Math.max(value, low), high);
  const positive = (stability) => Math.max(stability, 0.001);

  /** The probability that a card is known after so many whole days. */
  const recall = (days, stability) => (1 + (FACTOR * days) / stability) ** -w[20];

  const firstDifficulty = (grade) => w[4] - Math.exp(w[5] * (grade - 1)) + 1;

  const nextDifficulty = (difficulty, grade) => {
    const damped = difficulty - (w[6] * (grade - 3) * (10 - difficulty)) / 9;
    return between(1, w[7] * firstDifficulty(EASY) + (1 - w[7]) * damped, 10);
  };

  const sameDay = (stability, grade) => {
    const growth = Math.exp(w[17] * (grade - 3 + w[18])) * stability ** -w[19];
    return positive(stability * (grade === AGAIN ? growth : Math.max(growth, 1)));
  };

  const afterLapse = (difficulty, stability, known) => positive(Math.min(
    w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1) * Math.exp((1 - known) * w[14]),
    stability / Math.exp(w[17] * w[18]),
  ));

  const afterRecall = (difficulty, stability, known, grade) => {
    const bonus = grade === HARD ? w[15] : grade === EASY ? w[16] : 1;
    const growth = Math.exp(w[8]) * (11 - difficulty) * stability ** -w[9];
    return positive(stability * (1 + growth * (Math.exp((1 - known) * w[10]) - 1) * bonus));
  };

  const remember = (card, grade, now) => {
    if (!card) return { stability: w[grade - 1], difficulty: between(1, firstDifficulty(grade), 10) };
    const { stability, difficulty } = card;
    const days = Math.max(0, Math.floor((now - card.last) / DAY));
    const known = recall(days, stability);
    let next = sameDay;
    if (days >= 1 && grade === AGAIN) next = () => afterLapse(difficulty, stability, known);
    else if (days >= 1) next = () => afterRecall(difficulty, stability, known, grade);
    return { stability: next(stability, grade), difficulty: nextDifficulty(difficulty, grade) };
  };

  /** Where a grade leads on the steps of a few minutes; null leads to whole days. */
  const step = (state, at, grade) => {
    const steps = STEPS[state];
    if (grade === AGAIN) return [0, steps[0]];
    if (grade === EASY || (grade === GOOD && at + 1 >= steps.length)) return null;
    if (grade === GOOD) return [at + 1, steps[at + 1]];
    if (at > 0) return [at, steps[at]];
    return [0, steps.length > 1 ? (steps[0] + steps[1]) / 2 : steps[0] * 1.5];
  };

  /** A card after it was graded 1 to 4 at a time in milliseconds; a new card is undefined. */
  const review = (card, grade, now) => {
    const memory = remember(card, grade, now);
    const lapsed = card?.state === "review" && grade === AGAIN;
    const state = lapsed ? "relearning" : card?.state ?? "learning";
    const next = lapsed ? [0, STEPS.relearning[0]]
      : state === "review" ? null : step(state, card?.step ?? 0, grade);
    if (next) return { ...memory, state, step: next[0], last: now, due: now + next[1] * MINUTE };
    const days = between(1, Math.round(memory.stability), LONGEST);
    return { ...memory, state: "review", step: 0, last: now, due: now + days * DAY };
  };

  return { review, recall };
})();
