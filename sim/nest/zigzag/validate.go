// Package zigzag compares with the ZigZag tool (github.com/KULeuven-MICAS/zigzag, 3.8.5) what
// passes through each port at mixed precision, on architectures, layers and mappings that both are
// given.
//
// ZigZag moves tiles in periods: a tile is replaced as a whole, and what a period moves is rounded
// up to words of the port, which is what energy is paid for.
//
//	port words = ceil(elements per period and unit * bits / port width) * periods * units
//
// Its counts follow from rules that package nest does not share, so that they are counted here:
//
//   - register: a multiplier keeps an input or a weight while loops run that the operand does not
//     use; package nest reads it each cycle, and a register is a level of its own.
//   - whole tiles: the halo between a tile and the next is fetched again, and neighbouring units
//     share a transfer only if their whole tiles coincide.
//   - touched: a tile of a strided input has the elements that it touches itself; in package nest it
//     is a range, with what other tiles touch in between.
//   - first sums: a sum that is still empty is fetched, and every unit that shares the reduction
//     fetches it, as far as port words and energy go.
//   - last cut: outputs leave a level at their final width only if no reduction loop is outside it.
package zigzag

import (
	"fmt"
	"io/fs"
	"math"

	"dse/accel/unit"
	"dse/sim/agreement"
	"dse/sim/nest"
)

const source = "zigzag"

// bits returns the width of an element of a transfer.
func bits(o nest.Operand, w nest.Widths, partial bool) unit.Bits {
	switch {
	case o == nest.Weights:
		return unit.Bits(w.Weight)
	case o == nest.Inputs:
		return unit.Bits(w.Input)
	case partial:
		return unit.Bits(w.Partial)
	}
	return unit.Bits(w.Final)
}

// words returns the words of a port that a transfer takes.
func (t transfer) words(width, port unit.Bits) int64 {
	perPeriod := math.Ceil(float64(t.perUnit) * float64(width) / float64(port))
	return int64(perPeriod) * t.periods * t.units
}

// row is a row of access.csv.
type row struct {
	of       *experiment
	name     string
	operand  nest.Operand
	level    int
	way      direction
	words    int64
	elements int64
}

func readRows(data fs.FS, cases map[string]*experiment) ([]row, error) {
	table, err := agreement.ReadFile(data, "access.csv")
	if err != nil {
		return nil, err
	}
	var rows []row
	return rows, table.Records(func(r agreement.Record) error {
		e := cases[r.Text("case_id")]
		if e == nil {
			return r.Errorf("cases.csv has no case %q", r.Text("case_id"))
		}
		o, ok := operands[r.Text("operand")]
		if !ok {
			return r.Errorf("unknown operand %q", r.Text("operand"))
		}
		d, ok := directions[r.Text("direction")]
		if !ok {
			return r.Errorf("unknown direction %q", r.Text("direction"))
		}
		level := r.Int("level_index")
		if level < 0 || level >= len(e.levels[o]) {
			return r.Errorf("level %d of %d", level, len(e.levels[o]))
		}
		rows = append(rows, row{
			of: e, name: e.id + " " + r.Text("operand") + " " + r.Text("memory") + " " + r.Text("direction"),
			operand: o, level: level, way: d,
			words: int64(r.Int("port_words_total")), elements: int64(r.Int("elements_total")),
		})
		return nil
	})
}

// port returns the width of the port that a direction uses at a level, and the energy of a word.
func (e *experiment) port(known map[[2]string]memory, o nest.Operand, level int, d direction) (unit.Bits, unit.Picojoule, error) {
	m, ok := known[[2]string{e.arch, e.levels[o][level]}]
	if !ok {
		return 0, 0, fmt.Errorf("zigzag case %s: architecture %q has no known memory %q", e.id, e.arch, e.levels[o][level])
	}
	if d.write() {
		return m.write, m.writeEnergy, nil
	}
	return m.read, m.readEnergy, nil
}

// energyOf returns the energy of all transfers and multiplications.
func (e *experiment) energyOf(known map[[2]string]memory) (unit.Picojoule, error) {
	total := unit.Picojoule(e.layer.MACs()) * macEnergy
	for o := range nest.Operand(nest.NumOperands) {
		for level := range e.levels[o] {
			for d := readDown; d <= writeDown; d++ {
				t, happens := e.happens(o, level, d)
				if !happens {
					continue
				}
				port, each, err := e.port(known, o, level, d)
				if err != nil {
					return 0, err
				}
				total += unit.Picojoule(t.words(bits(o, e.widths, t.partial), port)) * each
			}
		}
	}
	return total, nil
}

// happens returns the transfer of an operand in a direction, and whether there is any: nothing lies
// outside the outermost level, only outputs come from inside, and only partial sums return.
func (e *experiment) happens(o nest.Operand, level int, d direction) (transfer, bool) {
	outermost := level == len(e.levels[o])-1
	if outermost && (d == readUp || d == writeDown) || o != nest.Outputs && (d == readUp || d == writeUp) {
		return transfer{}, false
	}
	t := e.transfer(o, level, d)
	returns := d == readDown || d == writeDown
	return t, o != nest.Outputs || t.partial || !returns
}

// Validate compares with the reference data in a folder: cases.csv, mapping.csv, levels.csv and
// access.csv. The architectures are those that the package knows. The rows are
//
//	port bits         words times width of a port, by memory, operand and direction
//	energy            of all transfers and multiplications of a case
//	elements          by memory, operand and direction
//	elements, exact   as package nest counts them; what differs, Explain explains
func Validate(data fs.FS) ([]agreement.Row, error) {
	known, err := memories()
	if err != nil {
		return nil, err
	}
	cases, err := readCases(data)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(data, cases)
	if err != nil {
		return nil, err
	}
	portBits, energy := agreement.New(source, "port bits"), agreement.New(source, "energy")
	elements, exact := agreement.New(source, "elements"), agreement.New(source, "elements, exact")
	var counter nest.Counter
	for i, r := range rows {
		t := r.of.transfer(r.operand, r.level, r.way)
		port, _, err := r.of.port(known, r.operand, r.level, r.way)
		if err != nil {
			return nil, err
		}
		words := t.words(bits(r.operand, r.of.widths, t.partial), port)
		portBits.Add(r.name, float64(words)*float64(port), float64(r.words)*float64(port))
		elements.Add(r.name, float64(t.elements), float64(r.elements))
		counts, err := r.of.exact(&counter, r.operand)
		if err != nil {
			return nil, err
		}
		exact.Add(r.name, float64(r.way.value(counts[r.level])), float64(r.elements))
		if i > 0 && rows[i-1].of == r.of {
			continue
		}
		e, err := r.of.energyOf(known)
		if err != nil {
			return nil, err
		}
		energy.Add(r.of.id, float64(e), float64(r.of.energy))
	}
	return []agreement.Row{portBits.Row(), energy.Row(), elements.Row(), exact.Row()}, nil
}
