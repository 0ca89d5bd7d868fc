// Package sweep prices networks on variants of an accelerator, by simulation alone.
package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dse/accel"
	"dse/models"
	"dse/sim"
)

// Axis is one quantity that varies.
type Axis struct {
	// Name as it was asked for, such as "sram" or "memories[0].banks".
	Name string
	// Keys of the accelerator that a value sets, one after the other: two for the array's sides.
	Keys []string
	// Values as written; with several keys, one text for each, joined by "x".
	Values []string
}

// array is the axis that sets the rows and columns of the array.
const array = "array"

// ParseAxis reads "sram=128KiB,256KiB": the name of a memory stands for its capacity, "sram" for that of the
// first if no memory has this name, "array" for rows x columns, "bandwidth" for the DRAM's; any key of the
// accelerator stands for itself.
func ParseAxis(text string, a *accel.Accelerator) (Axis, error) {
	name, list, ok := strings.Cut(text, "=")
	axis := Axis{Name: strings.TrimSpace(name)}
	for _, v := range strings.Split(list, ",") {
		if v = strings.TrimSpace(v); v != "" {
			axis.Values = append(axis.Values, v)
		}
	}
	if !ok || axis.Name == "" || len(axis.Values) == 0 {
		return axis, fmt.Errorf("%q: want NAME=VALUE,VALUE such as sram=128KiB,256KiB or array=8x8,16x16", text)
	}
	axis.Keys = keys(axis.Name, a)
	for i, v := range axis.Values {
		if n := len(strings.Split(v, "x")); len(axis.Keys) > 1 && n != len(axis.Keys) {
			return axis, fmt.Errorf("%q: %q is no ROWSxCOLUMNS such as 16x16", text, v)
		}
		if slices.Contains(axis.Values[:i], v) {
			return axis, fmt.Errorf("%q: %s is listed twice", text, v)
		}
	}
	return axis, nil
}

func keys(name string, a *accel.Accelerator) []string {
	for i, m := range a.Memories {
		if m.Name == name {
			return []string{fmt.Sprintf("memories[%d].capacity", i)}
		}
	}
	switch name {
	case "sram":
		return []string{"memories[0].capacity"}
	case array:
		return []string{"array.rows", "array.cols"}
	case "bandwidth":
		return []string{"dram.bandwidth"}
	}
	return []string{name}
}

// set adds to changes what the axis changes for its value i.
func (x Axis) set(changes map[string]string, i int) {
	values := []string{x.Values[i]}
	if len(x.Keys) > 1 {
		values = strings.Split(values[0], "x")
	}
	for k, key := range x.Keys {
		changes[key] = values[k]
	}
}

// Variant is an accelerator with one value of each axis.
type Variant struct {
	Values      []string // by axis
	Accelerator *accel.Accelerator
}

// Variants returns every combination of the axes' values, the last axis first to change. Each has passed
// all checks of an accelerator file.
func Variants(a *accel.Accelerator, axes []Axis) ([]Variant, error) {
	var variants []Variant
	at := make([]int, len(axes))
	for {
		changes, v := map[string]string{}, Variant{}
		for k, axis := range axes {
			axis.set(changes, at[k])
			v.Values = append(v.Values, axis.Values[at[k]])
		}
		var err error
		if v.Accelerator, err = accel.With(a, changes); err != nil {
			return nil, fmt.Errorf("variant %s: %w", v.name(axes), err)
		}
		variants = append(variants, v)
		k := len(axes) - 1
		for ; k >= 0; k-- {
			if at[k]++; at[k] < len(axes[k].Values) {
				break
			}
			at[k] = 0
		}
		if k < 0 {
			return variants, nil
		}
	}
}

func (v Variant) name(axes []Axis) string {
	var parts []string
	for k, axis := range axes {
		parts = append(parts, axis.Name+"="+v.Values[k])
	}
	return strings.Join(parts, " ")
}

// Design is a precision to be priced.
type Design struct {
	Name      string
	Precision *models.Precision
}

// Price is what a design costs on a variant.
type Price struct {
	Variant   []string `json:"variant"` // values by axis
	Design    string   `json:"design"`
	LatencyMS float64  `json:"latency_ms"`
	EnergyUJ  float64  `json:"energy_uj"`
	// Infeasible says why the network cannot run on the variant; the figures are 0 then.
	Infeasible string `json:"infeasible,omitempty"`
}

// Run prices each design on each variant, in their order.
func Run(ctx context.Context, n *models.Network, variants []Variant, designs []Design) ([]Price, error) {
	var prices []Price
	for _, v := range variants {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, unfit := sim.New(v.Accelerator, n)
		for _, d := range designs {
			p := Price{Variant: v.Values, Design: d.Name}
			p.price(s, unfit, d)
			prices = append(prices, p)
		}
	}
	return prices, nil
}

// price fills in the costs of a design, or why there are none: unfit is the reason that holds for all designs.
func (p *Price) price(s *sim.Simulator, unfit error, d Design) {
	if unfit != nil {
		p.Infeasible = unfit.Error()
		return
	}
	r, err := s.Run(d.Precision)
	if err != nil {
		p.Infeasible = err.Error()
		return
	}
	p.LatencyMS, p.EnergyUJ = r.Latency.Milliseconds(), r.Energy.Total().Microjoules()
}
