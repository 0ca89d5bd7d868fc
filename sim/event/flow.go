package event

import (
	"dse/accel/unit"
	"dse/sim"
	"dse/sim/dram"
)

// flow is one direction of a step's traffic with DRAM, in progress. It issues its bursts in the order
// of tiles. All counts are in bursts.
type flow struct {
	plan    *sim.FlowSchedule
	channel int // of the DMA

	tile           int   // the first tile with bursts to issue
	held, streamed int64 // of its bursts, those that are left; held ones go first
	ready          int64 // when the step's transfer is set up

	issued, arrived int64 // of the step; of OutputFlow, arrived means written
	produced        int64 // OutputFlow: results that wait to be written, or have been
	base            int64 // of the tiles before the array's present one
	want            int64 // what must have arrived before the array goes on

	// Bursts issued whose space has not been given up.
	heldOut, streamedOut int64
	heldRound, visit     int64 // of these, what the present round and visit have used

	cursor int64 // in the tensor
	// Ports of the DMA: in the first memory of the path, and in the second for what goes there straight.
	port, inner port
	straight    int64 // bits that went there
}

// urgency orders flows that can go: by the tile they serve. A result is as urgent as what the tile two
// later reads, since that is the first to wait for the space.
func (f *flow) urgency(of sim.Flow) int {
	if of == sim.OutputFlow {
		return f.tile + 2
	}
	return f.tile
}

// startFlows begins the transfers of a step, one for each flow, of chained descriptors. They are set up
// side by side as far as there are channels.
func (e *Engine) startFlows() {
	channel := 0
	for i := range e.flows {
		f := &e.flows[i]
		plan := &e.step.Flows[i]
		*f = flow{plan: plan, tile: -1}
		if plan.Bursts == 0 {
			f.tile = len(e.tiles)
			continue
		}
		f.channel = channel % len(e.setup)
		channel++
		f.ready = e.setUp(f.channel)
		e.nextTile(sim.Flow(i))
	}
}

// setUp begins to set up a transfer and returns when that is done. A channel sets up one at a time.
func (e *Engine) setUp(channel int) int64 {
	done := max(e.setup[channel], e.now) + int64(e.accelerator.DMA.Setup)
	e.setup[channel] = done
	return done
}

// nextTile goes to the next tile that moves anything.
func (e *Engine) nextTile(of sim.Flow) {
	f := &e.flows[of]
	for f.tile++; f.tile < len(e.tiles); f.tile++ {
		t := &e.tiles[f.tile]
		if f.held, f.streamed = t.Held[of], t.Streamed[of]; f.held+f.streamed > 0 {
			break
		}
	}
}

// pick returns the flow whose burst goes next, and if none can go now, the time at which one is set
// up, or never.
func (e *Engine) pick() (of int, ready int64) {
	of, ready = -1, never
	least := 0
	for i := range e.flows {
		f := &e.flows[i]
		if f.tile >= len(e.tiles) || !e.mayIssue(f, sim.Flow(i)) {
			continue
		}
		if f.ready > e.now {
			ready = min(ready, f.ready)
			continue
		}
		if u := f.urgency(sim.Flow(i)); of < 0 || u < least {
			of, least = i, u
		}
	}
	return of, ready
}

// mayIssue says whether there is space on chip for the next burst, or a result to write.
//
// Beyond its buffer a flow may have as many bursts under way as cover the latency of DRAM: the DMA is
// taken to hold these until there is space. And what the array waits for is fetched even if that takes more
// space than the buffer has: a beat that needs more than a buffer streams through it.
func (e *Engine) mayIssue(f *flow, of sim.Flow) bool {
	if !f.plan.Overlaps && !e.array.waiting {
		return false
	}
	if of == sim.OutputFlow {
		return f.issued < f.produced
	}
	if e.array.waiting && f.issued < f.want {
		return true
	}
	ahead := int64(0)
	if f.plan.Overlaps {
		ahead = e.ahead
	}
	if f.held > 0 {
		return f.heldOut < max(1, f.plan.Held)+ahead
	}
	return f.streamedOut < max(1, f.plan.Buffer)+ahead
}

// issue books the next burst of a flow and returns its address in bursts.
func (e *Engine) issue(of sim.Flow) int64 {
	f := &e.flows[of]
	if f.held > 0 {
		f.held--
		f.heldOut++
	} else {
		f.streamed--
		f.streamedOut++
	}
	f.issued++
	e.stats.Bits[of] += e.burst
	address := f.plan.Address + f.cursor
	if f.cursor++; f.cursor == f.plan.Span {
		f.cursor = 0
	}
	if f.held+f.streamed == 0 {
		e.nextTile(of)
	}
	if of == sim.OutputFlow {
		e.post(f)
		return address
	}
	return address
}

// arrived books a burst that has arrived, or has been written.
func (e *Engine) arrived(of sim.Flow) {
	f := &e.flows[of]
	f.arrived++
	e.lastMoved = e.now
	if of != sim.OutputFlow {
		e.post(f)
	}
	if e.array.waiting {
		e.array.try(e)
	}
}

// post has a burst of a flow moved into its memory, or out of it.
func (e *Engine) post(f *flow) {
	bits := e.burst
	path := f.plan.Path
	if f.plan.Straight > 0 {
		n := f.plan.Straight*f.arrived/f.plan.Bursts - f.straight
		f.straight += n
		bits -= n
		e.backlog = max(e.backlog, f.inner.post(&e.memories[path[1]], e.now, n))
	}
	e.backlog = max(e.backlog, f.port.post(&e.memories[path[0]], e.now, bits))
}

// kick has the DRAM take bursts as far as it can.
func (e *Engine) kick() {
	if e.device != nil {
		e.kickDevice()
		return
	}
	p := &e.pipe
	for !p.taken {
		of, ready := e.pick()
		if of >= 0 && e.backlog > e.now {
			of, ready = -1, e.backlog
		}
		if of < 0 {
			e.wake(ready)
			return
		}
		e.issue(sim.Flow(of))
		passed := p.issue(e.now)
		if sim.Flow(of) != sim.OutputFlow {
			passed += p.latency
		}
		e.queue.push(passed, arrives, of)
		if p.free > e.now {
			p.taken = true
			e.queue.push(p.free, busFree, 0)
		}
	}
}

// wake has kick called again at a time.
func (e *Engine) wake(at int64) {
	if at < e.wakes {
		e.wakes = at
		e.queue.push(at, wakes, 0)
	}
}

// kickDevice has the device look for bursts.
func (e *Engine) kickDevice() {
	d := e.device
	of, ready := e.pick()
	if of < 0 {
		if ready < never {
			e.wake(ready)
		}
		return
	}
	at := e.now
	if d.tickedAt == at {
		at++
	}
	e.tick(max(at, e.backlog))
}

// tick schedules the device, unless it is scheduled earlier.
func (e *Engine) tick(at int64) {
	if at < e.device.ticksAt {
		e.device.ticksAt = at
		e.queue.push(at, dramTicks, 0)
	}
}

// dramTicks lets the device work up to now and offers it bursts.
func (e *Engine) dramTicks() {
	d := e.device
	if e.now != d.ticksAt {
		return // an earlier one has taken its place
	}
	d.ticksAt, d.tickedAt = never, e.now
	if at := dram.Clocks(d.clocks.floor(e.now)); at > d.memory.Now() {
		d.memory.Advance(at)
	}
	blocked, more, wrote := false, false, false
	for n := 0; e.backlog <= e.now; n++ {
		of, _ := e.pick()
		if of < 0 {
			break
		}
		if n == d.perCycle {
			more = true
			break
		}
		f := &e.flows[of]
		write := sim.Flow(of) == sim.OutputFlow
		address := uint64(f.plan.Address+f.cursor) * uint64(e.burst/unit.BitsPerByte)
		if !d.memory.Offer(dram.Request{Addr: address, Write: write, Tag: uint32(of)}) {
			blocked = true
			break
		}
		e.issue(sim.Flow(of))
		if write {
			f.arrived++
			wrote = true
		}
	}
	if more {
		e.tick(e.now + 1)
	}
	if blocked || d.memory.InFlight() > 0 {
		e.tick(max(e.now+1, d.cycles.ceil(int64(d.memory.Next()+1))))
	}
	if wrote && e.array.waiting {
		e.array.try(e)
	}
}
