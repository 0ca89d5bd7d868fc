package quant_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dse/accel/unit"
	"dse/qat/internal/golden"
	"dse/qat/quant"
)

// parameters are the attributes that say how a quantizer reads d and xmax.
type parameters struct {
	Step     string  `json:"step"`
	MinBits  int     `json:"bitwidth_min"`
	DMin     float32 `json:"d_min"`
	DMax     float32 `json:"d_max"`
	XmaxMin  float32 `json:"xmax_min"`
	XmaxMax  float32 `json:"xmax_max"`
	Elements int     `json:"elements_per_slice"`
}

func (p parameters) limits() quant.Limits {
	return quant.Limits{DMin: p.DMin, DMax: p.DMax, XmaxMin: p.XmaxMin, XmaxMax: p.XmaxMax}
}

// cost is what one slice of a tensor costs: its bits, at the floor or above, and the gradient of
// its size in kB.
type cost struct {
	q, bits   int
	dd, dxmax float64
}

// costs prices the slices of a tensor with n elements in each.
func (p parameters) costs(c *golden.Case, d, xmax []float32, signed bool, n int) []cost {
	c.Helper()
	c.OneOf("step", p.Step, "free", "pow2")
	list := make([]cost, len(d))
	for i := range d {
		dc, xc, dFree, xFree := p.limits().Clip(d[i], xmax[i])
		step, scale := quant.EffectiveStep(dc, p.Step == "pow2")
		s := cost{q: quant.Levels(step, xc), bits: max(quant.Bits(step, xc, signed), p.MinBits)}
		dd, dx := quant.BitsGradient(step, xc, signed, p.MinBits)
		if dFree {
			s.dd = float64(n) * dd * float64(scale) / unit.BitsPerKilobyte
		}
		if xFree {
			s.dxmax = float64(n) * dx / unit.BitsPerKilobyte
		}
		list[i] = s
	}
	return list
}

// kilobytes sums the size of slices with n elements each.
func kilobytes(list []cost, n int) float64 {
	sum := 0
	for _, s := range list {
		sum += n * s.bits
	}
	return unit.Bits(sum).Kilobytes()
}

// pick collects one member of each slice's cost.
func pick[T any](list []cost, f func(cost) T) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

func TestQuantizerSizesGolden(t *testing.T) {
	golden.Each(t, "quantizer", func(c *golden.Case) {
		var a struct {
			parameters
			Signed bool `json:"signed"`
		}
		c.Attrs(&a)
		c.Elsewhere("y", "dx", "dd", "dxmax") // the tensor kernels'
		s := a.costs(c, c.Float32s("d"), c.Float32s("xmax"), a.Signed, a.Elements)
		golden.Exact(c, "q", pick(s, func(s cost) int { return s.q }))
		golden.Exact(c, "bits", pick(s, func(s cost) int { return s.bits }))
		golden.Near(c, "size_kB", []float64{kilobytes(s, a.Elements)}, golden.Sizes)
		golden.Near(c, "dS_dd", pick(s, func(s cost) float64 { return s.dd }), golden.Sizes)
		golden.Near(c, "dS_dxmax", pick(s, func(s cost) float64 { return s.dxmax }), golden.Sizes)
	})
}

// The penalty of section 4 of the method, lambda*(p_w*relu(S_w-T_w)^2 + p_a*relu(S_a-T_a)^2), S_a
// being the sum of the activations or the largest; then each of the largest gets the full gradient.
func TestPenaltyGolden(t *testing.T) {
	golden.Each(t, "penalty", func(c *golden.Case) {
		var a struct {
			parameters
			Tensors []struct {
				Role     string `json:"role"`
				Slices   int    `json:"slices"`
				Elements int    `json:"elements_per_slice"`
				Signed   bool   `json:"signed"`
			} `json:"tensors"`
			Activations string  `json:"activations"`
			TargetW     float64 `json:"target_weights_kB"`
			TargetA     float64 `json:"target_activations_kB"`
			PW          float64 `json:"p_w"`
			PA          float64 `json:"p_a"`
			Lambda      float64 `json:"lambda_"`
		}
		c.Attrs(&a)
		c.OneOf("activations", a.Activations, "sum", "max")
		priced := make([][]cost, len(a.Tensors))
		size := make([]float64, len(a.Tensors))
		var sw, sa float64
		for i, tensor := range a.Tensors {
			c.OneOf("role", tensor.Role, "weight", "activation")
			priced[i] = a.costs(c, c.Float32s(key("d", i)), c.Float32s(key("xmax", i)), tensor.Signed, tensor.Elements)
			if len(priced[i]) != tensor.Slices {
				c.Fatalf("tensor %d has %d slices, want %d", i, len(priced[i]), tensor.Slices)
			}
			size[i] = kilobytes(priced[i], tensor.Elements)
			switch {
			case tensor.Role == "weight":
				sw += size[i]
			case a.Activations == "sum":
				sa += size[i]
			default:
				sa = max(sa, size[i])
			}
		}
		overW, overA := max(sw-a.TargetW, 0), max(sa-a.TargetA, 0)
		golden.Near(c, "S_w", []float64{sw}, golden.Sizes)
		golden.Near(c, "S_a", []float64{sa}, golden.Sizes)
		golden.Near(c, "penalty", []float64{a.Lambda * (a.PW*overW*overW + a.PA*overA*overA)}, golden.Penalty)
		for i, tensor := range a.Tensors {
			factor := 2 * a.Lambda * a.PA * overA
			if tensor.Role == "weight" {
				factor = 2 * a.Lambda * a.PW * overW
			} else if a.Activations == "max" && size[i] < sa {
				factor = 0
			}
			golden.Near(c, key("d_d", i), pick(priced[i], func(s cost) float64 { return factor * s.dd }), golden.Penalty)
			golden.Near(c, key("d_xmax", i), pick(priced[i], func(s cost) float64 { return factor * s.dxmax }), golden.Penalty)
		}
	})
}

func key(prefix string, i int) string { return prefix + strconv.Itoa(i) }

func TestInitGolden(t *testing.T) {
	golden.Each(t, "quantizer_init", func(c *golden.Case) {
		var a struct {
			Kind       string  `json:"kind"`
			Axis       *int    `json:"axis"`
			Slices     int     `json:"slices"`
			Bits       int     `json:"bits"`
			Signed     bool    `json:"signed"`
			Rule       string  `json:"rule"`
			Sigma      string  `json:"sigma"`
			Percentile float64 `json:"percentile"`
			Whole      string  `json:"percentile_rule"`
			Zero       string  `json:"zero_tensor"`
		}
		c.Attrs(&a)
		c.OneOf("sigma", a.Sigma, "population")
		c.OneOf("percentile_rule", a.Whole, "linear interpolation, whole tensor")
		c.OneOf("zero_tensor", a.Zero, "xmax = 2^-bits")
		x, shape := c.Float32s("x"), c.Shape("x")
		parts := [][]float32{x}
		if a.Axis != nil {
			parts = split(x, shape, *a.Axis, a.Slices)
		}
		if len(parts) != a.Slices {
			c.Fatalf("%d slices without an axis", a.Slices)
		}
		var d, xmax []float32
		for _, part := range parts {
			var di, xi float32
			switch a.Rule {
			case "gaussian":
				di, xi = quant.InitGaussian(part, a.Bits, a.Signed)
			case "percentile":
				di, xi = quant.InitPercentile(part, make([]float32, len(part)), a.Percentile, a.Bits, a.Signed)
			case "uhlich":
				if strings.HasPrefix(a.Kind, "a") {
					di, xi = quant.InitUhlichActivations(a.Bits, a.Signed)
				} else {
					di, xi = quant.InitUhlichWeights(part, a.Bits, a.Signed)
				}
			default:
				c.Fatalf("unknown rule %q", a.Rule)
			}
			d, xmax = append(d, di), append(xmax, xi)
		}
		golden.Near(c, "d", d, golden.Init)
		golden.Near(c, "xmax", xmax, golden.Init)
	})
}

// split gathers x by groups of neighbouring channels along an axis.
func split(x []float32, shape []int, axis, groups int) [][]float32 {
	inner := 1
	for _, n := range shape[axis+1:] {
		inner *= n
	}
	parts := make([][]float32, groups)
	for i, v := range x {
		g := i / inner % shape[axis] * groups / shape[axis]
		parts[g] = append(parts[g], v)
	}
	return parts
}

func TestGuardGolden(t *testing.T) {
	golden.Each(t, "quantizer_guard", func(c *golden.Case) {
		var a struct {
			parameters
			Margin float64 `json:"margin"`
		}
		c.Attrs(&a)
		if a.Margin != quant.Margin {
			c.Fatalf("margin %v, %v is built in", a.Margin, quant.Margin)
		}
		before := c.Float32s("d_before")
		gd, gxmax := c.Float32s("dd"), c.Float32s("dxmax")
		quant.ClipGradients(gd, gxmax, before)
		golden.Near(c, "dd_clipped", gd, golden.Guard)
		golden.Near(c, "dxmax_clipped", gxmax, golden.Guard)
		d, xmax := c.Float32s("d_after_optimizer"), c.Float32s("xmax_after_optimizer")
		quant.Guard(d, xmax, a.limits())
		golden.Near(c, "d_guarded", d, golden.Guard)
		golden.Near(c, "xmax_guarded", xmax, golden.Guard)
		// The tolerance is relative to the largest of each array; small entries are held to
		// float32 rounding one by one here.
		for i, w := range c.Float64s("d_guarded") {
			if e := math.Abs(float64(d[i]) - w); e > w*0x1p-23 {
				c.Errorf("d_guarded[%d] = %v, want %v", i, d[i], w)
			}
		}
		if !slices.Equal(before, c.Float32s("d_before")) {
			c.Error("ClipGradients changed the steps")
		}
	})
}
