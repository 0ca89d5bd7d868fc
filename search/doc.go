// Package search decides which quantization designs are worth training next, has them trained,
// and keeps what came of it in a study that survives being killed.
//
// It sees a network as a list of stage names and a result as numbers with names. In order:
//
//   - [Genome] is one design on a grid, [Space] the designs that are allowed.
//   - [Evaluator] turns a [Trial] into an [Outcome]; the training room implements it.
//   - [Search.Run] trains the float network (phase 0) that all others start from, then the
//     homogeneous baselines and a stratified first population, then generations of NSGA-II
//     (package nsga2, driven by eaopt).
//   - [Front] picks the feasible designs that no other design beats.
//
// Everything proposed is a function of settings, seed and outcomes, never of the clock, of the
// number of workers or of the order in which they finish. That makes resuming simple: nothing of
// the algorithm's state is stored. A resumed run starts from the beginning and takes every
// outcome that the study already has (package study) instead of training again; it therefore ends
// exactly where an uninterrupted run would have. Only a wall-time budget, which stops the search
// by the clock, can end two runs at different trials.
package search
