// Package optim holds the optimisers and schedules of training, as gorgonia Solvers.
//
// gorgonia's own solvers lack what the method needs: the second moment's epsilon inside the root,
// momentum after the rate, decay of some parameters only, a state that can be saved and cleared,
// and steps without allocation. These work on float32 tensors in place. They read the gradients
// and leave them as they are; arithmetic is float32, element by element in order, so that a step
// gives the same bits wherever it is repeated.
//
// The state of an optimiser is kept by the position of a parameter in the model handed to Step,
// which must hold the same parameters in the same order every time. Each phase of training starts
// with Reset.
package optim
