package optim

import "math"

// Schedule is the learning rate of one phase: linear warm-up from 0 to Peak over the first Warmup
// steps, then half a cosine down to 0 at step Total.
type Schedule struct {
	// Total and Warmup are counted in optimiser steps.
	Total, Warmup int
	// Peak is the largest rate.
	Peak float64
}

// Rate returns the rate of a step, counted from 0:
//
//	t < W:  Peak * t/W
//	else:   Peak * (1 + cos(pi*(t-W)/(T-W))) / 2
//
// and 0 from step Total on.
func (s Schedule) Rate(step int) float64 {
	switch {
	case step >= s.Total:
		return 0
	case step < s.Warmup:
		return s.Peak * float64(step) / float64(s.Warmup)
	}
	return s.Peak * (1 + math.Cos(math.Pi*float64(step-s.Warmup)/float64(s.Total-s.Warmup))) / 2
}

// RampStart is the share of the hardware penalty that a phase starts with.
const RampStart = 0.01

// PenaltyRamp returns the factor lambda of the hardware penalty at a step of a phase of total
// steps: linear from RampStart at step 0 to 1 in the middle of the phase, then 1.
func PenaltyRamp(step, total int) float64 {
	if 2*step >= total {
		return 1
	}
	return RampStart + (1-RampStart)*float64(step)/(float64(total)/2)
}
