package sim

import (
	"fmt"
	"math"

	"dse/accel"
	"dse/models"
)

// Schedule is the mapping that Run priced, told tile by tile, for models that play it rather than
// price it. Both fidelities have this one front: what is fetched, kept, computed and written is
// decided here, and only how long it takes is decided elsewhere.
type Schedule struct {
	Accelerator *accel.Accelerator
	// Result is the analytical model's price of the schedule.
	Result *Result
	Steps  []StepSchedule

	start EnergyParts // of the start of an inference
}

// Flow is one of the directions in which a step moves data between DRAM and the chip. Each has a
// transfer of its own, of chained descriptors, one for each tile that moves anything.
type Flow uint8

const (
	// WeightFlow reads weights, with their metadata.
	WeightFlow Flow = iota
	// InputFlow reads inputs.
	InputFlow
	// ResidualFlow reads the other operand of an Add.
	ResidualFlow
	// OutputFlow writes results.
	OutputFlow

	// Flows is their number.
	Flows
)

// operandOf gives the class under which memories hold what flows.
var operandOf = [Flows]operand{WeightFlow: weights, InputFlow: inputs, ResidualFlow: inputs, OutputFlow: outputs}

// StepSchedule is what one step does. Its tiles are listed by Walk.
type StepSchedule struct {
	// Layer is the analytical price, an entry of Result.Layers.
	Layer *LayerResult
	// Tiles is the number of tiles: column tiles times output tiles times rounds that repeat them.
	Tiles int
	// OnVector says that the vector unit does the work, rather than the array.
	OnVector bool
	// FirstLoad is the time to load the array before the first pass, in cycles. Other loads are
	// hidden, or part of Tile.Fill.
	FirstLoad int64
	// After is the time of an addition that runs when the array has ended, in cycles. Before it the
	// results are read again, and behind it written: AfterBits each, in the home of outputs.
	After, AfterBits int64
	Flows            [Flows]FlowSchedule

	walk walkPlan
}

// FlowSchedule is what a step moves in one direction.
type FlowSchedule struct {
	// Bursts moved by the whole step.
	Bursts int64
	// Address of the tensor in DRAM, in bursts, and the bursts it takes there. A flow that moves
	// more begins again at the start. Tensors lie in the order in which tiles need them.
	Address, Span int64
	// Buffer is the space that tiles stream through, and Held the space for what is kept for further
	// tiles, both in bursts. A buffer smaller than a burst still takes one. What is free in the memory
	// belongs to the buffers.
	Buffer, Held int64
	// HeldPerRound says that what is kept is given up at the end of each round.
	HeldPerRound bool
	// PerVisit says that what is streamed is given up after the last tile of a visit, rather than
	// piece by piece as it is used.
	PerVisit bool
	// PerPass says that the array has to hold what it uses in a pass before the pass begins, rather than
	// take it as the pass goes on.
	PerPass bool
	// Overlaps says that the flow may go on while tiles are computed.
	Overlaps bool
	// Path lists the memories from the one nearest DRAM to the one that serves the array.
	Path []int
	// Straight is the bits that pass the first memory of the path by and go into the second.
	Straight int64
}

// Tile is one output tile of one column tile, computed in one go.
type Tile struct {
	Round int
	// LastOfVisit says that the next tile has other weights, LastOfRound that it belongs to another
	// round.
	LastOfVisit, LastOfRound bool

	// Streamed and Held are the bursts that are read, or written, for the tile.
	Streamed, Held [Flows]int64
	// Passes of the array. Each is preceded by Fill/Passes cycles and streams for Stream/Passes.
	Passes       int64
	Stream, Fill int64
	// Vector is the time of the vector unit, in cycles.
	Vector int64
	// Enter is the traffic between the array and the memories that serve it, and Pass that from each
	// memory of a path to the next, in bits.
	Enter, Pass [Flows]int64
}

// A NoScheduleError says what of an accelerator cannot be played tile by tile.
type NoScheduleError struct{ Accelerator, What string }

func (e *NoScheduleError) Error() string {
	return fmt.Sprintf("accelerator %s: %s cannot be scheduled tile by tile; use the analytical fidelity", e.Accelerator, e.What)
}

// Schedule plans the network at p, whose widths must be whole. It fails with a NoScheduleError on
// row-stationary arrays, whose passes are no tiles, and where activations are coded in DRAM.
func (s *Simulator) Schedule(p *models.Precision) (*Schedule, error) {
	switch {
	case s.chip.Array.Dataflow == accel.RowStationary:
		return nil, &NoScheduleError{s.chip.Name, "a row-stationary array"}
	case s.chip.DRAM.RunLength.Run > 0:
		return nil, &NoScheduleError{s.chip.Name, "coded activations"}
	}
	plan := &Schedule{Accelerator: s.chip.Accelerator, Steps: make([]StepSchedule, len(s.steps)), start: s.start().energy}
	at := int64(0)
	place := make([]int64, len(s.network.Layers)) // of each layer's output in DRAM, plus 1
	r, err := s.run(p, func(st *state, i int) {
		at = s.schedule(st, i, &plan.Steps[i], place, at)
	})
	if err != nil {
		return nil, err
	}
	for i := range plan.Steps {
		plan.Steps[i].Layer = &r.Layers[i]
	}
	plan.Result = r
	return plan, nil
}

// schedule fills in step i, which was just priced, and places its tensors in DRAM from burst `at`
// on. It returns the first burst that is left.
func (s *Simulator) schedule(st *state, i int, k *StepSchedule, place []int64, at int64) int64 {
	c, step, w, o := s.chip, &s.steps[i], &st.widths[i], &st.out
	t := &o.tile
	k.OnVector = step.weights == 0
	if c.hidesLoads() && o.busy.ArrayFill > 0 {
		k.FirstLoad = int64(c.array.Load(c.Array.Dataflow))
	}
	bursts := func(bits float64) int64 { return int64(math.Floor(bits / c.burst)) }
	n := c.buffers
	for f, b := range [Flows]struct{ moved, buffer, held, tensor float64 }{
		WeightFlow: {0, min(n[weights]*t.weights, step.weights)*w.weight +
			w.metadata*min(1, n[weights]*float64(step.tileOutputs)/float64(step.filters)), o.fetched.weightSpace, step.weights*w.weight + w.metadata},
		InputFlow:    {float64(o.dram.Inputs.Read), min(n[inputs]*t.inputs, step.inputTensor) * w.in, o.fetched.inputSpace, step.inputTensor * w.in},
		ResidualFlow: {float64(o.dram.Residual.Read), min(n[inputs]*t.outputs, step.geometry.residual) * w.residual, 0, step.geometry.residual * w.residual},
		OutputFlow:   {float64(o.dram.Outputs.Write), min(n[outputs]*t.outputs, step.outputs) * w.out, 0, step.outputs * w.out},
	} {
		op := operandOf[f]
		flow := &k.Flows[f]
		*flow = FlowSchedule{
			Bursts: c.wholeBursts(b.moved), Buffer: bursts(b.buffer), Held: bursts(b.held),
			Span: max(1, c.wholeBursts(b.tensor)), Overlaps: c.overlaps[op], Path: c.path[op],
		}
		tensor := -1
		switch f := Flow(f); {
		case f == InputFlow:
			tensor = step.in[0].layer // what is joined lies together
		case f == ResidualFlow && len(step.residual) > 0:
			tensor = step.residual[0].layer
		case f == OutputFlow:
			tensor = step.out
		}
		if tensor >= 0 && place[tensor] > 0 {
			flow.Address = place[tensor] - 1
			continue
		}
		flow.Address = at
		at += flow.Span
		if tensor >= 0 {
			place[tensor] = flow.Address + 1
		}
	}
	k.walk = s.newWalkPlan(st, i)
	k.After = int64(math.Round(step.addCycles))
	if k.After > 0 {
		k.AfterBits = int64(math.Round(step.outputs * w.out))
	}
	if step.weights > 0 {
		k.Flows[WeightFlow].Straight = int64(math.Round(c.straight(t) * step.weights * w.weight))
	}
	k.Flows[WeightFlow].Bursts = k.walk.total[dealWeights] + k.walk.total[dealMetadata]
	k.Flows[WeightFlow].PerPass = c.Array.Dataflow == accel.WeightStationary || c.Array.Dataflow == accel.Unrolled
	k.Flows[WeightFlow].PerVisit = t.folds > 1 && t.weightReads == 1
	k.Flows[WeightFlow].HeldPerRound = o.fetched.order == WeightsOuter
	k.Flows[InputFlow].HeldPerRound = o.fetched.order == InputsOuter
	if o.fetched.order == WeightsOuter {
		// A row of tiles is kept only as long as the column tiles of its round go over it.
		k.Flows[InputFlow].Buffer += k.Flows[InputFlow].Held
		k.Flows[InputFlow].Held = 0
	}
	k.Tiles = len(k.walk.units) * len(k.walk.positions)
	c.prefetch(k, st, i)
	return at
}

// prefetch adds the space that nothing takes during the step to the buffers of the flows whose home
// has it, in equal parts: data may be fetched, or results wait, as far ahead as there is room.
func (c *chip) prefetch(k *StepSchedule, st *state, i int) {
	sp, f := &st.plan.steps[i], &st.out.fetched
	for m, capacity := range c.capacity {
		left := capacity - sp.space[m] - sp.held[m]
		if m == c.home(inputs) {
			left -= f.inputSpace
		}
		if m == c.home(weights) {
			left -= f.weightSpace
		}
		var here []*FlowSchedule
		for f := range k.Flows {
			if flow := &k.Flows[f]; flow.Bursts > 0 && flow.Path[0] == m {
				here = append(here, flow)
			}
		}
		for _, flow := range here {
			flow.Buffer += int64(max(0, left) / c.burst / float64(len(here)))
		}
	}
}

// wholeBursts returns the bursts that hold some bits; what is less than a thousandth of a bit is
// rounding.
func (c *chip) wholeBursts(bits float64) int64 { return int64(math.Ceil((bits - 1e-3) / c.burst)) }
