package event

import "dse/sim"

// beatCycles is the longest beat. The array asks its memories for the operands of a beat at once, so
// that a beat is also how finely requests of different units mix.
const beatCycles = 32

// array works through the tiles of a step, pass by pass and beat by beat. In steps of the vector unit
// that unit stands in its place.
//
// Operands are used evenly: after a share x of a tile's stream the array has used x of its inputs and
// weights; stationary weights must all have come before their pass. Results leave in the last pass,
// evenly too, and with them residuals are read.
type array struct {
	tile   int
	pass   int64
	passes int64
	stream int64 // cycles of the tile
	done   int64 // of them, those that are over

	// The beat that runs, or that is to be started.
	fill     int64 // cycles before its stream
	end      int64 // of done
	used     share // of the inputs, after it
	finished share // of the results, after it

	waiting bool // for a flow, or because all tiles are done
	since   int64
	ready   int64 // when the transfer waited for is set up

	vectorFree int64 // the vector unit's, where it works behind the array
	drained    int64 // when the results so far will have moved into their memories
	moved      [sim.Flows]moved
	enter      [sim.Flows]port
	hops       [sim.Flows][maxHops][2]port // from a memory, and to the next

	played *sim.Played
}

// maxHops bounds the memories of a path.
const maxHops = 8

// share is a part of a whole.
type share struct{ num, den int64 }

func (s share) of(n int64) int64     { return n * s.num / s.den }
func (s share) ceilOf(n int64) int64 { return (n*s.num + s.den - 1) / s.den }

// moved counts what of a tile's traffic has been moved or given up.
type moved struct{ enter, pass, released int64 }

// start begins a step.
func (a *array) start(e *Engine, p *sim.Played) {
	a.tile, a.waiting, a.played, a.vectorFree, a.drained = 0, false, p, 0, 0
	a.enterTile(e)
	a.fill += e.step.FirstLoad
	a.try(e)
}

// enterTile goes to the first beat of the present tile.
func (a *array) enterTile(e *Engine) {
	t := &e.tiles[a.tile]
	a.stream = t.Stream
	if e.step.OnVector {
		a.stream = t.Vector
	}
	a.pass, a.done = 0, 0
	a.passes = max(1, min(t.Passes, a.stream+t.Fill))
	a.moved = [sim.Flows]moved{}
	a.nextBeat(t)
}

// nextBeat works out the next beat.
func (a *array) nextBeat(t *sim.Tile) {
	from, to := a.stream*a.pass/a.passes, a.stream*(a.pass+1)/a.passes
	a.fill = 0
	if a.done == from {
		a.fill = t.Fill*(a.pass+1)/a.passes - t.Fill*a.pass/a.passes
	}
	a.end = min(a.done+beatCycles, to)
	a.used = share{a.end, a.stream}
	if a.stream == 0 {
		a.used = share{a.pass + 1, a.passes}
	}
	a.finished = share{0, 1}
	if a.pass == a.passes-1 {
		a.finished = share{a.end - from, to - from}
		if from == to {
			a.finished = share{1, 1}
		}
	}
}

// after returns the share of a flow's traffic that is over after the present beat.
func (a *array) after(of sim.Flow) share {
	if of == sim.WeightFlow || of == sim.InputFlow {
		return a.used
	}
	return a.finished
}

// needs returns the share of a flow's traffic that must have come before the present beat.
func (a *array) needs(f *flow, of sim.Flow) share {
	if f.plan.PerPass {
		return share{a.pass + 1, a.passes}
	}
	return a.after(of)
}

// try starts the present beat if all it needs is there.
func (a *array) try(e *Engine) {
	if a.tile == len(e.tiles) {
		return
	}
	t := &e.tiles[a.tile]
	var lacking *flow
	for of := range sim.Flows {
		if f := &e.flows[of]; f.plan.Bursts > 0 && !a.mayGo(e, f, of, t) && lacking == nil {
			lacking = f
		}
	}
	if lacking != nil {
		if !a.waiting {
			a.waiting, a.since, a.ready = true, e.now, lacking.ready
		}
		e.kick()
		return
	}
	if a.waiting {
		a.waiting = false
		setup := max(0, min(e.now, a.ready)-a.since)
		a.played.Time.Setup += sim.Clocks(setup)
		a.played.Time.DRAM += sim.Clocks(e.now - a.since - setup)
	}
	a.beat(e, t)
}

// mayGo says whether a flow lets the present beat start. Where the memory has one buffer only, the
// array stops until the flow has filled or emptied it.
func (a *array) mayGo(e *Engine, f *flow, of sim.Flow, t *sim.Tile) bool {
	settles := a.waiting && !f.plan.Overlaps
	if of == sim.OutputFlow {
		if f.arrived == f.produced {
			return true
		}
		next := f.base + a.finished.of(t.Streamed[of])
		return !settles && (next == f.produced || next-f.arrived <= f.plan.Buffer)
	}
	f.want = f.base + a.needs(f, of).ceilOf(t.Held[of]+t.Streamed[of])
	if f.arrived < f.want {
		return false
	}
	return !settles || f.arrived == f.issued && (f.tile == len(e.tiles) || !e.mayIssue(f, of))
}

// beat starts the present beat.
func (a *array) beat(e *Engine, t *sim.Tile) {
	start := e.now
	if a.drained > start && a.fresh() && a.pass == a.passes-1 {
		// There is room for the results of one tile beside those that the array works on.
		a.played.Time.Port += sim.Clocks(a.drained - start)
		start = a.drained
	}
	if !e.step.OnVector && t.Vector > 0 && a.fresh() && a.pass == a.passes-1 {
		// The first result leaves behind the fill. The vector unit takes it when it is free.
		if wait := a.vectorFree - a.fill - start; wait > 0 {
			a.played.Time.Vector += sim.Clocks(wait)
			start += wait
		}
		a.vectorFree = start + a.fill + t.Vector
		a.played.Busy.Vector += sim.Clocks(t.Vector)
	}
	work := a.end - a.done
	ends := start + a.fill + work
	served := ends
	for of := range sim.Flows {
		after := a.after(of)
		m := &a.moved[of]
		enter, pass := after.of(t.Enter[of])-m.enter, after.of(t.Pass[of])-m.pass
		m.enter += enter
		m.pass += pass
		if of == sim.OutputFlow {
			a.leave(e, start, enter, pass)
			continue
		}
		if enter > 0 {
			path := e.flows[of].plan.Path
			served = max(served, a.enter[of].move(&e.memories[path[len(path)-1]], start, enter))
		}
		if pass > 0 {
			served = max(served, a.hop(e, of, start, pass))
		}
	}
	a.played.Time.Port += sim.Clocks(served - ends)
	a.played.Time.ArrayFill += sim.Clocks(a.fill)
	if e.step.OnVector {
		a.played.Time.Vector += sim.Clocks(work)
		a.played.Busy.Vector += sim.Clocks(work)
	} else {
		a.played.Time.Compute += sim.Clocks(work)
	}
	e.stats.Beats++
	e.stats.Worked += a.fill + work
	e.queue.push(served, beatEnds, 0)
}

// fresh says whether the present beat is the first of its pass.
func (a *array) fresh() bool { return a.done == a.stream*a.pass/a.passes }

// hop moves bits of an operand from each memory of a path to the next, all at the same time.
func (a *array) hop(e *Engine, of sim.Flow, at, bits int64) int64 {
	path := e.flows[of].plan.Path
	done := at
	for i := 1; i < len(path); i++ {
		p := &a.hops[of][i-1]
		done = max(done, p[0].move(&e.memories[path[i-1]], at, bits), p[1].move(&e.memories[path[i]], at, bits))
	}
	return done
}

// leave moves results out of the array, and on from memory to memory.
func (a *array) leave(e *Engine, at, enter, pass int64) {
	path := e.flows[sim.OutputFlow].plan.Path
	if enter > 0 {
		a.drained = max(a.drained, a.enter[sim.OutputFlow].write(&e.memories[path[len(path)-1]], at, enter))
	}
	for i := len(path) - 1; i > 0 && pass > 0; i-- {
		p := &a.hops[sim.OutputFlow][i-1]
		a.drained = max(a.drained, p[0].write(&e.memories[path[i]], at, pass), p[1].write(&e.memories[path[i-1]], at, pass))
	}
}

// beatEnds gives up what the beat has used, hands over its results, and goes on.
func (a *array) beatEnds(e *Engine) {
	t := &e.tiles[a.tile]
	for of := range sim.Flows {
		f := &e.flows[of]
		if f.plan.Bursts == 0 {
			continue
		}
		if of == sim.OutputFlow {
			f.produced = f.base + a.finished.of(t.Streamed[of])
			continue
		}
		if !f.plan.PerVisit {
			n := a.after(of).of(t.Streamed[of]) - a.moved[of].released
			a.moved[of].released += n
			f.streamedOut -= n
		}
	}
	a.done = a.end
	if a.done == a.stream*(a.pass+1)/a.passes {
		if a.pass++; a.pass == a.passes {
			a.leaveTile(e, t)
			return
		}
	}
	a.nextBeat(t)
	e.kick()
	a.try(e)
}

// leaveTile gives up what was kept for the tile, its visit, or its round, and goes to the next.
func (a *array) leaveTile(e *Engine, t *sim.Tile) {
	for of := range sim.Flows {
		f := &e.flows[of]
		f.base += t.Held[of] + t.Streamed[of]
		if f.plan.PerVisit {
			if f.visit += t.Streamed[of]; t.LastOfVisit {
				f.streamedOut -= f.visit
				f.visit = 0
			}
		}
		if f.plan.HeldPerRound {
			if f.heldRound += t.Held[of]; t.LastOfRound {
				f.heldOut -= f.heldRound
				f.heldRound = 0
			}
		}
	}
	if a.tile++; a.tile == len(e.tiles) {
		a.waiting, a.since = true, e.now
		a.add(e)
		e.kick()
		return
	}
	a.enterTile(e)
	e.kick()
	a.try(e)
}

// add runs the addition that follows the array, if there is one.
func (a *array) add(e *Engine) {
	k := e.step
	if k.After == 0 {
		return
	}
	a.vectorFree = max(a.vectorFree, e.now) + k.After
	a.played.Busy.Vector += sim.Clocks(k.After)
	home := &e.memories[k.Flows[sim.OutputFlow].Path[0]]
	home.post(e.now, 2*k.AfterBits/home.width)
}

// finish ends a step when nothing is left to happen: the array has stopped, and what it wrote is on
// its way.
func (e *Engine) finish(begin int64, p *sim.Played) {
	a := &e.array
	if a.tile < len(e.tiles) {
		panic("event: the array of step " + e.step.Layer.Name + " waits for a burst that never comes")
	}
	at := a.since
	if end := a.vectorFree; end > at {
		p.Time.Vector += sim.Clocks(end - at)
		at = end
	}
	moved := e.lastMoved
	var bursts int64
	for of := range e.flows {
		f := &e.flows[of]
		if f.issued != f.plan.Bursts || f.arrived != f.issued {
			panic("event: step " + e.step.Layer.Name + " ended with bursts left")
		}
		p.Bursts[of] = f.issued
		bursts += f.issued
	}
	if d := e.device; d != nil {
		if p.Bursts[sim.OutputFlow] > 0 {
			moved = max(moved, d.cycles.ceil(int64(d.memory.Drain())))
		}
		p.Busy.DRAM = sim.Clocks(d.cycles.of(bursts * d.nBL))
	} else {
		p.Busy.DRAM = sim.Clocks(e.pipe.cycles(bursts))
	}
	if moved > at {
		p.Time.DRAM += sim.Clocks(moved - at)
		at = moved
	}
	for i := range e.memories {
		m := &e.memories[i]
		words := m.busy - m.before
		m.before = m.busy
		p.Busy.Port = max(p.Busy.Port, sim.Clocks(float64(words)/float64(len(m.free))))
		if done := m.finish(at); done > at {
			p.Time.Port += sim.Clocks(done - at)
			at = done
		}
	}
	p.Busy.Compute, p.Busy.ArrayFill = p.Time.Compute, p.Time.ArrayFill
	e.now = at
	if sim.Clocks(at-begin) != p.Time.Total() {
		panic("event: the parts of step " + e.step.Layer.Name + " do not sum to its time")
	}
}
