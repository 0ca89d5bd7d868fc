package kernel

import "runtime"

// peakChains is the number of independent chains of multiply-adds in a round of the peak loop.
const peakChains = 12

// PeakLoop executes rounds rounds of multiply-adds on registers alone, with the widest instructions that
// the implementation in use has, and returns the floating-point operations done. Timed, it is the peak
// that [Gemm] can be held against.
func PeakLoop(rounds int) (flops float64) {
	if rounds < 1 {
		panic("kernel: PeakLoop: at least one round is needed")
	}
	active.peak(rounds)
	return 2 * peakChains * float64(active.lanes) * float64(rounds)
}

// Implementation names the inner loops in use: go, avx2 or avx512.
func Implementation() string { return active.name }

// peakGeneric is the loop in Go: scalar, one chain per variable.
func peakGeneric(rounds int) {
	var s [peakChains]float32
	for range rounds {
		for i := range s {
			s[i] += s[i] * 0.5
		}
	}
	runtime.KeepAlive(s) // else the compiler may drop the loop
}
