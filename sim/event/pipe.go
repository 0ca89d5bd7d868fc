package event

import (
	"math"

	"dse/accel"
)

// pipe is a DRAM that is known by bandwidth, efficiency and latency alone: bursts follow one another
// on its bus without gaps, and what is read arrives a latency after it has left.
//
// The time of a burst is whole + rem/den cycles, kept exactly.
type pipe struct {
	whole, rem, den int64
	latency         int64

	free, part int64 // the bus is free from free + part/den on
	taken      bool  // a busFree event is pending
	busy       int64 // bursts
}

// newPipe returns the pipe of a DRAM. Bandwidth times efficiency is rounded to a whole number of bits
// per second, the clock to whole hertz.
func newPipe(a *accel.Accelerator) pipe {
	rate := uint64(max(1, math.Round(float64(a.DRAM.Bandwidth)*a.DRAM.Efficiency*8)))
	clock := uint64(math.Round(float64(a.Clock)))
	per := newRatio(clock*uint64(burstBits(a)), rate)
	return pipe{
		whole: int64(per.num / per.den), rem: int64(per.num % per.den), den: int64(per.den),
		latency: int64(math.Ceil(float64(a.DRAM.Latency)*1e-9*float64(a.Clock) - 1e-9)),
	}
}

func burstBits(a *accel.Accelerator) int64 { return max(1, int64(a.DRAM.Burst.Bits())) }

// cycles returns the time that n bursts occupy the bus.
func (p *pipe) cycles(n int64) float64 {
	return float64(n) * (float64(p.whole) + float64(p.rem)/float64(p.den))
}

// cover returns the bursts that pass the bus during the latency.
func (p *pipe) cover() int64 { return int64(math.Ceil(float64(p.latency) / p.cycles(1))) }

// issue puts a burst on the bus at a time when it is free, or becomes free during the cycle, and
// returns when it has passed, rounded up.
func (p *pipe) issue(at int64) int64 {
	if at > p.free {
		p.free, p.part = at, 0
	}
	p.free += p.whole
	if p.part += p.rem; p.part >= p.den {
		p.part -= p.den
		p.free++
	}
	p.busy++
	if p.part > 0 {
		return p.free + 1
	}
	return p.free
}
