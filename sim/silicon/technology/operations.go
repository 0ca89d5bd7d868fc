package technology

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"dse/accel/technology"
	"dse/sim/agreement"
)

// operation is what a line of energy_per_op.csv says.
type operation struct {
	name, size string
	value      float64 // pJ
	notes      string  // beside the unit: leakage and area
	bits       int     // of a word or an operand
	write      bool
}

// Quantities of energy_per_op.csv.
const (
	inSRAM      = "SRAM, pJ per access"
	leaks       = "leakage, mW"
	inPE        = "PE, pJ per cycle"
	sizes       = "PE, um2"
	elsewhere   = "operations of other sources, pJ"
	unknownNode = "pJ up to one factor, node unknown"
	relative    = "access per 16-bit MAC"
)

// operations compares energy_per_op.csv.
func operations(table *agreement.Table) ([]agreement.Row, error) {
	c := map[string]*agreement.Comparison{}
	quantities := []string{inSRAM, leaks, inPE, sizes, elsewhere, unknownNode, relative}
	for _, q := range quantities {
		c[q] = agreement.New(Source, q)
	}
	var zigzag []pair
	err := table.Records(func(r agreement.Record) error {
		o := operation{name: r.Text("operation"), size: r.Text("size_or_condition"), value: r.Float("value"), notes: r.Text("unit_of_value")}
		used := fitted[[3]string{o.name, o.size, r.Text("value")}]
		if strings.Contains(r.Text("source"), "ZigZag hardware yaml") {
			if p, ok := o.ofZigZag(); ok {
				zigzag = append(zigzag, p)
			}
			return nil
		}
		if r.Text("technology_nm") == "" {
			return nil
		}
		n, err := node(r)
		if err != nil {
			return err
		}
		label := fmt.Sprintf("%s, %s (%s nm)", o.name, o.size, r.Text("technology_nm"))
		o.compare(n, label, used, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	addScaled(c[unknownNode], zigzag)
	var rows []agreement.Row
	for _, q := range quantities {
		rows = append(rows, c[q].Row())
	}
	return rows, nil
}

// compare adds a line to the quantities that it is about.
func (o *operation) compare(n technology.Node, label string, used bool, c map[string]*agreement.Comparison) {
	switch {
	case o.scan("cache/SRAM read, %d bit") || o.scan("SRAM read, %d-bit word") || o.scan("SRAM read, %d bit") || o.scan("SRAM write, %d-bit word"):
		bank := technology.RAM{Capacity: bytesOf(o.size) * 8, Port: o.bits}
		if !used {
			c[inSRAM].Add(label, o.access(n, bank), o.value)
		}
		if leak, ok := after(o.notes, "leakage ", " mW"); ok && !leakageFitted[o.size] {
			c[leaks].Add(label, float64(n.SRAMLeakage(bank.Capacity, technology.HighPerformance)), leak)
		}
	case strings.HasPrefix(o.name, pe):
		p, ok := fusion(strings.TrimPrefix(o.name, pe))
		if !ok {
			return
		}
		area, _ := after(o.notes, "area ", " um2")
		if !used {
			c[inPE].Add(label, float64(n.Energy(p)), o.value)
			c[sizes].Add(label, float64(n.Area(p))*1e6, area)
		}
		if leak, ok := after(o.notes, "leakage ", " uW"); ok && !leakageFitted[o.name] {
			c[leaks].Add(label, float64(n.LogicLeakage(n.Area(p), technology.HighPerformance)), leak/1000)
		}
	case used:
	case o.name == "int multiply":
		o.bits = int(number(o.size))
		c[elsewhere].Add(label, float64(n.Multiplication(o.bits, o.bits)), o.value)
	case o.scan("fixed-point multiplier, %d bit"):
		c[elsewhere].Add(label, float64(n.Multiplication(o.bits, o.bits)), o.value)
	case o.scan("adder, %d bit"):
		c[elsewhere].Add(label, float64(n.Addition(o.bits)), o.value)
	case o.scan("SRAM %d-bit access"):
		mac := n.Energy(technology.PE{Weight: o.bits, Activation: o.bits, Sum: 2 * o.bits})
		c[relative].Add(label, o.access(n, o.ofEyeriss())/float64(mac), o.value)
	}
}

// ofZigZag reads a line of ZigZag's hardware files, which state no node, as at 45 nm. Its memory of 2 MB takes twice
// what that of 1 MB does, with words of twice the width: two of them.
func (o *operation) ofZigZag() (pair, bool) {
	n, err := technology.At(45, 0)
	if err != nil {
		panic("technology: 45 nm is not known")
	}
	p := pair{name: o.name + ", " + o.size, reference: o.value}
	switch {
	case o.scan("SRAM read, %d-bit word") || o.scan("SRAM write, %d-bit word"):
		banks := max(1, bytesOf(o.size)/(1<<20))
		p.ours = o.access(n, technology.RAM{Capacity: bytesOf(o.size) * 8 / banks, Port: o.bits / int(banks)})
	case o.scan("register file %d-bit word"):
		p.ours = o.access(n, technology.RAM{Capacity: bytesOf(o.size) * 8, Port: o.bits})
	case o.scan("MAC %d bit"):
		p.ours = float64(n.Energy(technology.PE{Weight: o.bits, Activation: o.bits, Sum: 4 * o.bits}))
	default:
		return p, false
	}
	return p, true
}

// ofEyeriss returns the memory behind a line about Eyeriss. Its buffer of 100 KB has 25 banks with words of 64
// bit (Chen et al., JSSC 52(1), 2017).
func (o *operation) ofEyeriss() technology.RAM {
	m := technology.RAM{Capacity: bytesOf(o.size) * 8, Port: o.bits}
	if o.size == "100 KB" {
		m.Banks, m.Port = 25, 64
	}
	return m
}

// access returns the energy of reading or writing as many bits as the operation has, in pJ.
func (o *operation) access(n technology.Node, m technology.RAM) float64 {
	if o.write {
		return float64(n.Write(m)) * float64(o.bits)
	}
	return float64(n.Read(m)) * float64(o.bits)
}

// scan says whether the operation begins like that, and takes the bits and whether it writes from it.
func (o *operation) scan(form string) bool {
	o.write = strings.Contains(form, "write")
	n, err := fmt.Sscanf(o.name, form, &o.bits)
	return err == nil && n == 1
}

// pair is a figure of ours beside the reference.
type pair struct {
	name            string
	ours, reference float64
}

// addScaled compares pairs whose references share an unknown factor: it is taken as the geometric mean.
func addScaled(c *agreement.Comparison, pairs []pair) {
	logs := 0.0
	for _, p := range pairs {
		logs += math.Log(p.reference / p.ours)
	}
	factor := math.Exp(logs / float64(len(pairs)))
	for _, p := range pairs {
		c.Add(p.name, p.ours*factor, p.reference)
	}
}

// fusion reads "fixed 8x8 bit" and "bit-fusion up to 8x8, down to 2x2". The adder of a PE has two bits more than
// its product, as the model's constants assume.
func fusion(text string) (technology.PE, bool) {
	var w, a, least, least2 int
	if n, _ := fmt.Sscanf(text, "fixed %dx%d bit", &w, &a); n == 2 {
		return technology.PE{Weight: w, Activation: a, Sum: w + a + 2}, true
	}
	if n, _ := fmt.Sscanf(text, "bit-fusion up to %dx%d, down to %dx%d", &w, &a, &least, &least2); n == 4 {
		return technology.PE{Weight: w, Activation: a, Sum: w + a + 2, Splits: math.Log2(float64(w) / float64(least))}, true
	}
	return technology.PE{}, false
}

// after returns the number between two texts.
func after(text, before, behind string) (float64, bool) {
	_, rest, ok := strings.Cut(text, before)
	digits, _, ok2 := strings.Cut(rest, behind)
	v, err := strconv.ParseFloat(digits, 64)
	return v, ok && ok2 && err == nil
}

// number returns the number at the start of a text, 0 if there is none.
func number(text string) float64 {
	v := 0.0
	if _, err := fmt.Sscanf(text, "%g", &v); err != nil {
		return 0
	}
	return v
}

// bytesOf reads a size as the sources write it, where a kilobyte has 1024 bytes.
func bytesOf(text string) float64 {
	_, unit, _ := strings.Cut(text, " ")
	return number(text) * map[string]float64{"B": 1, "KB": 1 << 10, "MB": 1 << 20}[unit]
}
