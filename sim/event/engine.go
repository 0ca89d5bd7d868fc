package event

import (
	"dse/accel"
	"dse/sim"
	"dse/sim/dram"
)

// never is later than any event.
const never int64 = 1 << 62

// Engine plays schedules on one accelerator. It keeps its storage from play to play: once it has
// played a schedule, playing one that is no larger allocates nothing. It is not safe for use by
// several goroutines.
type Engine struct {
	accelerator *accel.Accelerator
	burst       int64 // bits
	ahead       int64 // bursts of each flow that the DMA can hold
	queue       queue
	now         int64 // cycles since the start of the inference

	memories []memory
	pipe     pipe
	device   *device // instead of the pipe, where the accelerator names one

	step  *sim.StepSchedule
	tiles []sim.Tile // of the step
	flows [sim.Flows]flow
	array array
	setup []int64 // by DMA channel, the time until which it sets up transfers
	wakes int64   // when a wakes event is pending
	// backlog is the time until which no more bursts are asked for, because a memory is behind.
	backlog int64
	// lastMoved is when the last burst so far has arrived or been written.
	lastMoved int64

	played []sim.Played
	stats  Stats
}

// Stats counts what a play did.
type Stats struct {
	// Events taken from the queue, and changes of state of the DRAM's banks and controller, which
	// happen within them.
	Events, DRAMEvents int64
	// Bits moved by each flow between DRAM and the chip, and words moved by each on-chip memory.
	Bits  [sim.Flows]int64
	Words []int64
	// Beats of the array, and the cycles in which it, or the vector unit in its place, worked.
	Beats, Worked int64
}

// Total returns all events.
func (s Stats) Total() int64 { return s.Events + s.DRAMEvents }

// New returns an engine for an accelerator. It fails if the accelerator names DRAM timing that is
// unknown, or that contradicts its bandwidth or burst.
func New(a *accel.Accelerator) (*Engine, error) {
	e := &Engine{accelerator: a, burst: burstBits(a), pipe: newPipe(a), setup: make([]int64, max(1, a.DMA.Channels))}
	for i := range a.Memories {
		e.memories = append(e.memories, newMemory(&a.Memories[i]))
	}
	e.stats.Words = make([]int64, len(a.Memories))
	e.ahead = e.pipe.cover()
	if a.DRAM.Timing == "" {
		return e, nil
	}
	var err error
	e.device, err = newDevice(a, e.finished)
	return e, err
}

// Play plays a schedule made for the engine's accelerator and returns what it cost.
func (e *Engine) Play(s *sim.Schedule) *sim.Result {
	e.run(s)
	return s.Played(e.played)
}

// Stats returns the counts of the last play. Words is overwritten by the next.
func (e *Engine) Stats() Stats { return e.stats }

// run plays a schedule and leaves the times in e.played.
func (e *Engine) run(s *sim.Schedule) {
	e.reset()
	e.now = int64(s.Result.Time.Host)
	if cap(e.played) < len(s.Steps) {
		e.played = make([]sim.Played, len(s.Steps))
	}
	e.played = e.played[:len(s.Steps)]
	for i := range s.Steps {
		e.play(&s.Steps[i], &e.played[i])
	}
	for m := range e.memories {
		e.stats.Words[m] = e.memories[m].busy
	}
	if e.device != nil {
		s := e.device.memory.Stats()
		e.stats.DRAMEvents = s.Events()
	}
}

// reset returns to the start of an inference.
func (e *Engine) reset() {
	e.queue.reset()
	for m := range e.memories {
		e.memories[m].reset()
	}
	e.pipe.free, e.pipe.part, e.pipe.busy, e.pipe.taken = 0, 0, 0, false
	if e.device != nil {
		e.device.reset()
	}
	clear(e.setup)
	e.wakes, e.backlog, e.lastMoved = never, 0, 0
	e.array = array{}
	words := e.stats.Words
	clear(words)
	e.stats = Stats{Words: words}
}

// play plays a step from now until all its data has moved.
func (e *Engine) play(k *sim.StepSchedule, p *sim.Played) {
	*p = sim.Played{}
	begin := e.now
	e.step = k
	e.tiles = e.tiles[:0]
	var t sim.Tile
	for w := k.Walk(); w.Next(&t); {
		e.tiles = append(e.tiles, t)
	}
	e.now += int64(e.accelerator.Host.LayerSetup)
	p.Time.Setup = sim.Clocks(e.now - begin)
	p.Busy.Setup = p.Time.Setup
	e.startFlows()
	e.array.start(e, p)
	e.kick()
	for len(e.queue.heap) > 0 {
		ev := e.queue.pop()
		e.now = ev.at
		e.stats.Events++
		switch ev.kind() {
		case beatEnds:
			e.array.beatEnds(e)
		case arrives:
			e.arrived(sim.Flow(ev.arg()))
		case busFree:
			e.pipe.taken = false
			e.kick()
		case dramTicks:
			e.dramTicks()
		case wakes:
			if ev.at == e.wakes {
				e.wakes = never
				e.kick()
			}
		}
	}
	e.finish(begin, p)
	if e.device != nil {
		opened := e.device.memory.Stats().Activates
		p.Banks, p.Activates = true, opened-e.device.opened
		e.device.opened = opened
	}
}

// finished is told by the device that a burst has moved.
func (e *Engine) finished(tag uint32, write bool, at dram.Clocks) {
	if !write {
		e.queue.push(max(e.now, e.device.cycles.ceil(int64(at)))+e.device.latency, arrives, int(tag))
	}
}
