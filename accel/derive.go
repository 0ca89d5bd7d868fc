package accel

import (
	"fmt"
	"math"
	"strconv"

	"dse/accel/technology"
	"dse/accel/unit"
)

// What the derived texts name as their sources; technology has the details.
const (
	scaledBy  = "scaled by Stillmaker and Baas 2017"
	peSource  = "Bit Fusion synthesis and Horowitz, ISSCC 2014, " + scaledBy
	ramSource = "CACTI 7 and Horowitz, ISSCC 2014, " + scaledBy
)

// derive fills the keys that the file leaves out and that follow from the node and the sizes of things. A key is
// skipped where a key that it follows from has a finding.
func (r *reader) derive(a *Accelerator) {
	if !r.all("technology.node", "technology.supply") {
		return
	}
	d := derivation{reader: r, a: a}
	d.node, d.err = technology.At(a.Technology.NodeNM, a.Technology.Supply)
	d.accumulator()
	d.elements()
	for i := range a.Memories {
		d.memory(i)
	}
	d.vector()
	d.leakage()
}

// derivation is derive at work.
type derivation struct {
	*reader
	a    *Accelerator
	node technology.Node
	err  error // why nothing can be derived for the node
}

// wants says whether a key is absent and all keys that it follows from are sound. An energy that
// cannot be derived for the node is reported; an area stays unknown.
func (d *derivation) wants(path, key, example string, from ...string) bool {
	owner, absent := d.derived[path]
	if !absent || !d.all(from...) {
		return false
	}
	if d.err == nil {
		return true
	}
	if example != "" {
		p := missing(path, about{key: key, example: example})
		p.message += ", and " + d.err.Error()
		d.report(owner, p)
	}
	return false
}

// note says what a key was derived from.
func (d *derivation) note(path, format string, args ...any) {
	d.assume(path, d.derived[path])
	if d.a.Derived == nil {
		d.a.Derived = map[string]string{}
	}
	d.a.Derived[path] = fmt.Sprintf(format, args...)
}

// accumulator derives the cost of partial sums: each column has a bank of its own beside it, one sum wide.
func (d *derivation) accumulator() {
	const at = "array.accumulator."
	acc := &d.a.Array.Accumulator
	columns := float64(d.a.Array.Cols * d.a.Array.Positions.Count())
	bank := technology.RAM{Capacity: float64(acc.Capacity.Bits()) / columns, Port: acc.Width}
	from := []string{at + "capacity", at + "width", "array.cols", "array.positions.height", "array.positions.width"}
	what := fmt.Sprintf("%v banks of %.6g bit with words of %d bit, %s", columns, bank.Capacity, bank.Port, ramSource)
	if d.wants(at+"energy", "energy", "0.05 pJ/bit", from...) {
		acc.Energy = digits4((d.node.Read(bank) + d.node.Write(bank)) / 2)
		d.note(at+"energy", "mean of reading and writing one of %s", what)
	}
	if d.wants(at+"area", "area", "", from...) {
		acc.Area = digits4(unit.SquareMillimetre(columns) * d.node.RAMArea(bank))
		d.note(at+"area", "%s", what)
	}
}

// elements derives the cost of the PEs. Where narrow modes have a higher throughput, their multipliers are taken
// to split, as Bit Fusion's do: a cycle then takes the same energy in every mode, and the MACs of the
// cycle share it. Otherwise a narrow operand leaves the upper part of the multiplier idle.
func (d *derivation) elements() {
	if !d.all("array.accumulator.width", "precision.modes") {
		return
	}
	for i := range d.a.Precision.Modes {
		at := modePath(i)
		if !d.all(at+".weight", at+".activation", at+".operator", at+".throughput") {
			return
		}
	}
	sum := d.a.Array.Accumulator.Width
	weight, activation := d.a.Precision.native()
	splits := d.a.Precision.splits()
	pe := technology.PE{Weight: weight, Activation: activation, Sum: sum, Splits: splits}
	for i := range d.a.Precision.Modes {
		m, at := &d.a.Precision.Modes[i], modePath(i)+".energy"
		if !d.wants(at, "energy", "0.2 pJ") {
			continue
		}
		if splits > 0 {
			share := d.a.Precision.share(*m)
			m.Energy = digits4(d.node.Energy(pe) / unit.Picojoule(share))
			d.note(at, "1/%v of a cycle of a %d x %d bit PE with a sum of %d bit that splits %v times, %s",
				digits4(share), weight, activation, sum, digits4(splits), peSource)
			continue
		}
		m.Energy = digits4(d.node.Energy(technology.PE{Weight: m.Weight, Activation: m.Activation, Sum: sum}))
		d.note(at, "a PE of %d x %d bit with a sum of %d bit, %s", m.Weight, m.Activation, sum, peSource)
	}
	if d.wants("array.area", "area", "", "array.rows", "array.cols", "array.positions.height", "array.positions.width") {
		count := d.a.Array.Rows * d.a.Array.Cols * d.a.Array.Positions.Count()
		d.a.Array.Area = digits4(unit.SquareMillimetre(count) * d.node.Area(pe))
		d.note("array.area", "%d PEs of %d x %d bit with a sum of %d bit that split %v times, %s",
			count, weight, activation, sum, digits4(splits), peSource)
	}
}

// native returns the widths of the widest operands.
func (t PrecisionTable) native() (weight, activation int) {
	for _, m := range t.Modes {
		weight, activation = max(weight, m.Weight), max(activation, m.Activation)
	}
	return weight, activation
}

// splits returns how often multipliers are halved in both operands: a mode that does four times the
// MACs of the native one, for layers of the same kind, takes one split.
func (t PrecisionTable) splits() float64 {
	most := 1.0
	for _, m := range t.Modes {
		most = max(most, t.share(m))
	}
	return math.Log(most) / math.Log(4)
}

// share returns the MACs of a mode that share what the native mode takes for one, at least 1. Where layers of
// its kind have no native mode, checkNative reports that.
func (t PrecisionTable) share(m Mode) float64 {
	weight, activation := t.native()
	native := 0.0
	for _, other := range t.For(m.Operator) {
		if covers(other, Mode{Weight: weight, Activation: activation}) {
			native = max(native, other.Throughput)
		}
	}
	if native == 0 {
		return 1
	}
	return max(1, m.Throughput/native)
}

// memory derives the cost of a memory.
func (d *derivation) memory(i int) {
	m, at := &d.a.Memories[i], fmt.Sprintf("memories[%d].", i)
	from := []string{at + "capacity", at + "banks", at + "port_width"}
	ram := technology.RAM{Capacity: float64(m.Capacity.Bits()), Banks: m.Banks, Port: m.PortWidth}
	what := fmt.Sprintf("%v in %d banks, port of %d bit, %s", m.Capacity, m.Banks, m.PortWidth, ramSource)
	if d.wants(at+"read", "read", "0.13 pJ/bit", from...) {
		m.Read = digits4(d.node.Read(ram))
		d.note(at+"read", "%s", what)
		if _, absent := d.same[at+"write"]; absent {
			m.Write = digits4(d.node.Write(ram))
			d.note(at+"write", "%s", what)
		}
	}
	if d.wants(at+"area", "area", "", from...) {
		m.Area = digits4(d.node.RAMArea(ram))
		d.note(at+"area", "%s", what)
	}
}

// lane is the assumed core of a vector lane, as its area: what requantises a partial sum.
var lane = technology.PE{Weight: 16, Activation: 16, Sum: 32}

// vector derives the cost of the vector unit. It is the only part beside array and memories whose
// size the description gives; control, DMA, wiring between the parts and pads are not in the area.
func (d *derivation) vector() {
	if d.wants("vector.energy", "energy", "0.1 pJ", "array.accumulator.width") {
		d.a.Vector.Energy = digits4(d.node.Addition(d.a.Array.Accumulator.Width))
		d.note("vector.energy", "an addition of %d bit, Horowitz, ISSCC 2014, %s", d.a.Array.Accumulator.Width, scaledBy)
	}
	if d.wants("technology.area", "area", "", "vector.lanes") {
		d.a.Technology.Area = digits4(unit.SquareMillimetre(d.a.Vector.Lanes) * d.node.Area(lane))
		d.note("technology.area", "%d vector lanes, each assumed as a PE of %d x %d bit with a sum of %d bit; control, DMA and wiring not included",
			d.a.Vector.Lanes, lane.Weight, lane.Activation, lane.Sum)
	}
}

// leakage derives the static power from the areas of logic, stated or derived, and the bits of memories.
func (d *derivation) leakage() {
	const at = "technology.leakage"
	from := []string{"technology.devices", "technology.area", "array.area", "array.accumulator.capacity", "memories"}
	for i := range d.a.Memories {
		from = append(from, fmt.Sprintf("memories[%d].capacity", i))
	}
	if d.err != nil { // no area is known then, and the finding is about leakage alone
		from = nil
	}
	if !d.wants(at, "leakage", "5 mW", from...) {
		return
	}
	t, array := &d.a.Technology, &d.a.Array
	bits := array.Accumulator.Capacity.Bits()
	for _, m := range d.a.Memories {
		bits += m.Capacity.Bits()
	}
	t.Leakage = digits4(d.node.LogicLeakage(t.Area+array.Area, t.Devices) + d.node.SRAMLeakage(float64(bits), t.Devices))
	source := "Aladdin's 40 nm tables and currents of CACTI 7 at 360 K"
	if t.Devices == technology.HighPerformance {
		source = "Bit Fusion synthesis and CACTI 7 at 360 K"
	}
	d.note(at, "%v of logic and %v of memory in %s devices, %s, %s",
		digits4(t.Area+array.Area), bits, deviceNames[t.Devices], source, scaledBy)
}

// digits4 rounds to four significant digits, more than any source has. Rounding keeps the order of values.
func digits4[T ~float64](v T) T {
	x, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', 4, 64), 64)
	if err != nil {
		panic("accel: a rounded number does not read back")
	}
	return T(x)
}
