// Package kernel holds the float32 loops in which a training step spends its time: matrix
// multiplication, depthwise convolution, patch extraction, and batch normalisation fused with
// activation and fake-quantization.
//
// # Layout
//
// Activations are NHWC with the channels contiguous, so a batch is at the same time a matrix of
// N*H*W rows by C columns. Dense and pointwise weights are [K][N] matrices, depthwise weights
// [KH*KW][C].
//
// # Threads
//
// Every function is single-threaded and works on an explicit range (rows, images). Nothing in the
// package is shared between goroutines; scratch memory is a [Scratch] that the caller owns. A
// [Team] runs the parts of an operation on several threads.
//
// # Determinism
//
// A result is a function of the arguments alone: the order of every sum is fixed by the shapes.
// Callers that split an operation into parts get the same bits for any number of threads as long as
// the parts do not depend on that number. The implementations in assembly (see below) agree to the bit;
// those in Go agree with them only within rounding.
//
// # Implementations
//
// The inner loops exist in Go and in assembly for amd64, with AVX2 and FMA, and with AVX-512 where the
// wider vectors pay. The choice is made once, when the package is initialised. The build tag noasm
// leaves the assembly out. One test suite runs over whatever is available.
//
// # Contracts
//
// A shape or slice that breaks a function's contract is a defect of the caller and panics with a
// fixed text that begins with "kernel: ". NaN inputs give NaN outputs, so that a diverging
// training is noticed.
package kernel
