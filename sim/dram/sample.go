package dram

import "math"

// part is the share of one stream in a stretch of a load in which the same streams take part.
type part struct {
	s       *Stream
	bursts  uint64 // of the whole stream
	from, n uint64 // those of the part
	turn    uint64 // bursts per turn
	at      cursor
	take    uint64 // bursts of the next stretch
	chunk   uint64 // bursts per turn in it
	left    uint64 // bursts still to be taken in it
}

// streams follows a sample of interleaved streams. A part of the load ends with a stream; up to
// then the mix repeats round by round.
func (e *Estimator) streams(streams []Stream) {
	live := e.parts[:0]
	for i := range streams {
		s := &streams[i]
		if n := s.bursts(e.x.decode.offset); n > 0 {
			live = append(live, part{s: s, bursts: n, turn: max(1, s.ChunkBytes>>e.x.decode.offset)})
		}
	}
	e.parts = live
	for len(live) > 0 {
		rounds := uint64(math.MaxUint64)
		for i := range live {
			p := &live[i]
			rounds = min(rounds, (p.bursts-p.from+p.turn-1)/p.turn)
		}
		for i := range live {
			p := &live[i]
			p.n = min(p.bursts-p.from, rounds*p.turn)
		}
		e.part(live)
		kept := live[:0]
		for _, p := range live {
			if p.from += p.n; p.from < p.bursts {
				kept = append(kept, p)
			}
		}
		live = kept
	}
}

// part follows a sample of one part: all of it if it is short, else stretches spread over it, each
// of them whole rounds, with shorter turns where a round is longer than a stretch.
func (e *Estimator) part(parts []part) {
	var all, round uint64
	for i := range parts {
		all += parts[i].n
		round += parts[i].turn
	}
	if all <= stretches*(stretchLength+warmUp) {
		for i := range parts {
			p := &parts[i]
			p.take, p.chunk = p.n, p.turn
		}
		whole, _ := e.stretch(parts, 0, 0)
		e.total = e.total.plus(whole)
		return
	}
	shorter := min(1, stretchLength/float64(round))
	rounds := max(1, stretchLength/round)
	for i := range parts {
		p := &parts[i]
		p.chunk = max(1, uint64(float64(p.turn)*shorter))
		p.take = min(p.n, rounds*p.chunk+warmUp*p.turn/round)
	}
	var whole, steady tally
	for j := range stretches {
		// One stretch in each of equal strata. Its place there follows the golden ratio, lest it beat
		// with strides and banks, which like powers of two.
		_, place := math.Modf(float64(j) * (math.Phi - 1))
		w, s := e.stretch(parts, (float64(j)+place)/stretches, warmUp)
		whole, steady = whole.plus(w), steady.plus(s)
	}
	// Opening the rows of a new place costs commands that do not stand for any others, but hardly
	// time, as the requests of the place before are still being served.
	clocks := whole.clocks / whole.requests * float64(all)
	steady = steady.times(float64(all) / steady.requests)
	steady.clocks = clocks
	e.total = e.total.plus(steady)
}

// stretch follows one stretch, from a share of the part onwards, and returns what was counted in all
// and after so many requests.
func (e *Estimator) stretch(parts []part, share float64, warm int) (whole, steady tally) {
	var left uint64
	for i := range parts {
		p := &parts[i]
		p.at = cursor{s: p.s, offset: e.x.decode.offset}
		p.at.seek(p.from+uint64(share*float64(p.n-p.take)), p.bursts)
		p.left = p.take
		left += p.take
	}
	begin := e.x.tally()
	warmed := begin
	for left > 0 {
		for i := range parts {
			p := &parts[i]
			n := min(p.chunk, p.left)
			p.left -= n
			left -= n
			for range n {
				if p.at.done() { // seek may be off by a row at the end of a stream
					p.at.seek(0, p.bursts)
				}
				e.x.request(&Request{Addr: p.at.take() << e.x.decode.offset, Write: p.s.Write})
				if warm--; warm == 0 {
					warmed = e.x.tally()
				}
			}
		}
	}
	end := e.x.tally()
	return end.minus(begin), end.minus(warmed)
}

// random follows a sample of a random load. Its blocks are as good as independent, so that the
// first ones stand for all.
func (e *Estimator) random(r *Random) {
	src := newRandomSource(&e.device, r)
	all, most := uint64(max(0, r.Blocks))*src.size, uint64(stretches*stretchLength)
	since, taken := e.x.tally(), uint64(0)
	for taken < min(all, most) {
		n := src.Fill(e.buf[:min(uint64(len(e.buf)), most-taken)])
		for i := range n {
			e.x.request(&e.buf[i])
		}
		taken += uint64(n)
	}
	if taken > 0 {
		e.total = e.total.plus(e.x.tally().minus(since).times(float64(all) / float64(taken)))
	}
}
