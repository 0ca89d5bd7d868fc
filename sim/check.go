package sim

import (
	"fmt"
	"math"

	"dse/models"
)

// tolerance is the relative rounding error allowed where sums are formed in different orders.
const tolerance = 1e-9

// Check verifies the conservation laws and returns the first breach:
//
//   - every layer with MACs is run once, and the MACs of the result are those of the network;
//   - a step reads from DRAM at least what it needs and does not find on chip, writes there what does
//     not stay, and what enters an on-chip memory is what left DRAM, another memory or the array;
//   - parts of time and energy sum to the whole, of each step and of the network, cause by cause;
//   - no resource is busy for longer than its step, and no memory holds more than its capacity.
func (r *Result) Check(n *models.Network) error {
	if r.Network != n.Name {
		return fmt.Errorf("result is of network %s, not %s", r.Network, n.Name)
	}
	if r.MACs != n.MACs() {
		return fmt.Errorf("%d MACs counted, network %s has %d", r.MACs, n.Name, n.MACs())
	}
	var time TimeParts
	var cycles Clocks
	var energy EnergyParts
	var dram Traffic
	ran := make([]bool, len(n.Layers))
	for i := range r.Layers {
		l := &r.Layers[i]
		for _, k := range []int{l.Layer, l.FusedAdd} {
			if k < 0 {
				continue
			}
			if ran[k] {
				return fmt.Errorf("layer %s ran twice", n.Layers[k].Name)
			}
			ran[k] = true
		}
		if err := l.check(r, n); err != nil {
			return fmt.Errorf("layer %s: %w", l.Name, err)
		}
		time.add(&l.Time)
		cycles += l.Cycles
		energy.add(&l.Energy)
		dram.add(l.DRAM.Total())
	}
	for k := range n.Layers {
		if ran[k] != (n.Layers[k].Kind != models.Input && !n.Layers[k].View()) {
			return fmt.Errorf("layer %s ran: %v", n.Layers[k].Name, ran[k])
		}
	}
	for _, s := range []struct {
		what       string
		whole, sum float64
	}{
		{"cycles of the parts", float64(r.Cycles), float64(r.Time.Total())},
		{"cycles of the steps", float64(r.Cycles - r.Time.Host), float64(cycles)},
		{"exposed parts of the steps", float64(r.Time.Total() - r.Time.Host), float64(time.Total())},
		{"DRAM reads", float64(r.DRAM.Read), float64(dram.Read)},
		{"DRAM writes", float64(r.DRAM.Write), float64(dram.Write)},
		{"pJ of MACs", float64(r.Energy.MAC), float64(energy.MAC)},
		{"pJ of accumulators", float64(r.Energy.Accumulator), float64(energy.Accumulator)},
		{"pJ of on-chip memories", float64(r.Energy.OnChip()), float64(energy.OnChip())},
		{"pJ of DRAM reads", float64(r.Energy.DRAMRead), float64(energy.DRAMRead)},
		{"pJ of DRAM writes", float64(r.Energy.DRAMWrite), float64(energy.DRAMWrite)},
		{"pJ of DRAM activations", float64(r.Energy.DRAMActivate), float64(energy.DRAMActivate)},
		{"pJ of the vector unit", float64(r.Energy.Vector), float64(energy.Vector)},
	} {
		if !near(s.whole, s.sum) {
			return fmt.Errorf("%s are %v, their sum is %v", s.what, s.whole, s.sum)
		}
	}
	// The start of the inference adds to these.
	if steps, whole := energy.static(), r.Energy.static(); over(float64(steps), float64(whole)) {
		return fmt.Errorf("the steps take %v pJ of background, leakage, what runs along and host, more than the whole %v pJ", float64(steps), float64(whole))
	}
	for _, m := range r.Memories {
		if over(float64(m.Peak), float64(m.Capacity)) {
			return fmt.Errorf("memory %s holds up to %v bits of %v", m.Name, m.Peak, m.Capacity)
		}
	}
	return nil
}

func (l *LayerResult) check(r *Result, n *models.Network) error {
	if want := n.Layers[l.Layer].MACs(); l.MACs != want {
		return fmt.Errorf("%d MACs counted, has %d", l.MACs, want)
	}
	if !near(float64(l.Cycles), float64(l.Time.Total())) {
		return fmt.Errorf("%v cycles, parts sum to %v", l.Cycles, l.Time.Total())
	}
	for _, b := range []struct {
		what string
		busy Clocks
	}{
		{"array", l.Busy.Compute + l.Busy.ArrayFill}, {"vector unit", l.Busy.Vector}, {"memory port", l.Busy.Port},
		{"DRAM", l.Busy.DRAM}, {"set-up", l.Busy.Setup},
	} {
		if over(float64(b.busy), float64(l.Cycles)) {
			return fmt.Errorf("%s is busy for %v of %v cycles", b.what, b.busy, l.Cycles)
		}
	}
	if l.Utilisation > 1+tolerance || l.Utilisation < 0 {
		return fmt.Errorf("utilisation %v", l.Utilisation)
	}
	if l.MACs > 0 {
		sum := 0
		for _, m := range l.Mapping.Modes {
			sum += m.Channels
		}
		if want := n.Layers[l.Layer].Out.C; sum != want {
			return fmt.Errorf("modes for %d channels, has %d", sum, want)
		}
	}
	var ports Traffic
	for m, t := range l.Ports {
		ports.add(t)
		if capacity := r.Memories[m].Capacity; over(float64(l.Occupied[m]), float64(capacity)) {
			return fmt.Errorf("memory %s holds %v bits of %v", r.Memories[m].Name, l.Occupied[m], capacity)
		}
	}
	sram := l.SRAM.Total()
	if !near(float64(ports.Read), float64(sram.Read)) || !near(float64(ports.Write), float64(sram.Write)) {
		return fmt.Errorf("memories move %v, operands %v", ports, sram)
	}
	return l.checkOperands(n)
}

// checkOperands compares what is moved with what the layer consumes and produces.
func (l *LayerResult) checkOperands(n *models.Network) error {
	layer := &n.Layers[l.Layer]
	s, m := newSliding(layer), &l.Mapping
	touched := float64(s.channels) * s.rows.touched(s.out.H) * s.cols.touched(s.out.W)
	results := float64(layer.Out.Elements())
	second := 0.0 // elements of the second operand
	switch {
	case l.FusedAdd >= 0:
		second = results
	case len(layer.Inputs) == 2:
		second = float64(n.Layers[layer.Inputs[1]].Out.Elements())
	}
	for _, o := range []struct {
		what       string
		dram, sram Traffic
		bits       float64 // of what the layer needs of the operand
		present    float64 // share of it on chip beforehand
		coded      float64 // share that crosses the DRAM's bus
	}{
		{"weights", l.DRAM.Weights, l.SRAM.Weights, float64(layer.WeightElements()) * l.Bits.Weight / float64(max(1, m.Images)), m.WeightsPinned, 1},
		{"metadata", l.DRAM.Metadata, l.SRAM.Metadata, float64(l.Bits.Metadata), m.WeightsPinned, 1},
		{"inputs", l.DRAM.Inputs, l.SRAM.Inputs, touched * l.Bits.Input, m.InputResident, l.Bits.InputCoding},
		{"residual", l.DRAM.Residual, l.SRAM.Residual, second * l.Bits.Residual, m.ResidualResident, l.Bits.ResidualCoding},
	} {
		if need := (1 - o.present) * o.bits * o.coded; over(need, float64(o.dram.Read)) {
			return fmt.Errorf("%v bits of %s are read from DRAM, %v of %v are needed", o.dram.Read, o.what, need, o.bits)
		}
		// Writes beyond the DRAM's are moves between on-chip memories; reads beyond these enter the array.
		// What was coded is longer by an amount that bursts blur.
		moved := float64(o.sram.Write - o.dram.Read)
		if o.coded < 1 {
			moved = min(moved, 0)
		}
		if over(0, moved) || over(o.bits, float64(o.sram.Read)-moved) {
			return fmt.Errorf("%s: memories read %v and write %v bits, DRAM gives %v, the array needs %v", o.what, o.sram.Read, o.sram.Write, o.dram.Read, o.bits)
		}
	}
	leave := (1 - m.OutputResident) * results * l.Bits.Output
	if coded := leave * l.Bits.OutputCoding; over(coded, float64(l.DRAM.Outputs.Write)) {
		return fmt.Errorf("%v bits of outputs are written to DRAM, %v leave", l.DRAM.Outputs.Write, coded)
	}
	// Each result enters the memories once from the array; what is read again moves on.
	if entered := float64(l.SRAM.Outputs.Write) - (float64(l.SRAM.Outputs.Read) - leave); !near(entered, results*l.Bits.Output) {
		return fmt.Errorf("%v bits of outputs enter the memories, the array gives %v", entered, results*l.Bits.Output)
	}
	return nil
}

// near says whether two sums agree up to rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= tolerance*max(math.Abs(a), math.Abs(b), 1) }

// over says whether a exceeds b by more than rounding.
func over(a, b float64) bool { return a > b+tolerance*max(math.Abs(b), 1) }
