package models

import (
	"slices"
	"strings"
	"testing"
)

// Check accepts what follows from each operation and nothing else.
func TestCheckKinds(t *testing.T) {
	map9 := Shape{4, 9, 6}
	image := Layer{Name: "image", Kind: Input, Out: map9}
	gate := Layer{Name: "gate", Kind: AveragePool, Inputs: []int{0}, In: map9, Out: Shape{4, 1, 1}, Kernel: Window{9, 6}, Stride: Window{1, 1}}
	for _, c := range []struct {
		name   string
		layers []Layer
		want   string // in the error; "" for none
	}{
		{"concat", []Layer{image, gate, {Kind: Concat, Inputs: []int{0, 1, 0}, In: map9, Out: Shape{4 + 4, 9, 6}}}, "concat of maps of 1x1 and 9x6"},
		{"concat of equal maps", []Layer{image, {Kind: Concat, Inputs: []int{0, 0}, In: map9, Out: Shape{8, 9, 6}}}, ""},
		{"concat of too few channels", []Layer{image, {Kind: Concat, Inputs: []int{0, 0}, In: map9, Out: Shape{9, 9, 6}}}, "9 channels, the inputs have 8"},
		{"concat of vectors", []Layer{image, gate, {Kind: Concat, Inputs: []int{0, 1}, In: map9, Out: Shape{4*54 + 4, 1, 1}}}, ""},
		{"concat of nothing", []Layer{image, {Kind: Concat, In: map9, Out: map9}}, "a concat of nothing"},
		{"slice", []Layer{image, {Kind: Slice, Inputs: []int{0}, First: 1, In: map9, Out: Shape{3, 9, 6}}}, ""},
		{"slice beyond the end", []Layer{image, {Kind: Slice, Inputs: []int{0}, First: 2, In: map9, Out: Shape{3, 9, 6}}}, "channels 2 to 5 of 4"},
		{"slice of a map", []Layer{image, {Kind: Slice, Inputs: []int{0}, In: map9, Out: Shape{3, 9, 5}}}, "output 3x9x5, operation gives 3x9x6"},
		{"shuffle", []Layer{image, {Kind: Shuffle, Inputs: []int{0}, Groups: 2, In: map9, Out: map9}}, ""},
		{"shuffle of odd groups", []Layer{image, {Kind: Shuffle, Inputs: []int{0}, Groups: 3, In: map9, Out: map9}}, "3 groups do not divide 4 channels"},
		{"resize", []Layer{image, {Kind: Resize, Inputs: []int{0}, Factor: 3, In: map9, Out: Shape{4, 27, 18}}}, ""},
		{"resize that cuts off a part", []Layer{image, {Kind: Resize, Inputs: []int{0}, Factor: 3, In: map9, Out: Shape{4, 25, 18}}}, ""},
		{"resize that cuts off a whole row", []Layer{image, {Kind: Resize, Inputs: []int{0}, Factor: 3, In: map9, Out: Shape{4, 24, 18}}}, "operation gives 4x27x18"},
		{"resize by nothing", []Layer{image, {Kind: Resize, Inputs: []int{0}, In: map9, Out: map9}}, "operation gives 4x0x0"},
		{"multiply", []Layer{image, {Kind: Multiply, Inputs: []int{0, 0}, In: map9, Out: map9}}, ""},
		{"multiply broadcast", []Layer{image, gate, {Kind: Multiply, Inputs: []int{0, 1}, In: map9, Out: map9}}, ""},
		{"multiply broadcast the wrong way", []Layer{image, gate, {Kind: Multiply, Inputs: []int{1, 0}, In: Shape{4, 1, 1}, Out: map9}}, "multiply of 4x1x1 and 4x9x6"},
		{"add of different shapes", []Layer{image, gate, {Kind: Add, Inputs: []int{0, 1}, In: map9, Out: map9}}, "add of 4x9x6 and 4x1x1"},
		{"activate", []Layer{image, {Kind: Activate, Inputs: []int{0}, In: map9, Out: map9, Norm: true}}, ""},
		{"activate of other channels", []Layer{image, {Kind: Activate, Inputs: []int{0}, In: map9, Out: Shape{5, 9, 6}}}, "operation gives 4x9x6"},
		{"deconv", []Layer{image, {Kind: Deconv, Inputs: []int{0}, In: map9, Out: Shape{7, 18, 12}, Kernel: Window{3, 3}, Stride: Window{2, 2}, Pad: Pad{0, 0, 1, 1}, Groups: 1}}, ""},
		{"deconv without crop", []Layer{image, {Kind: Deconv, Inputs: []int{0}, In: map9, Out: Shape{7, 18, 12}, Kernel: Window{3, 3}, Stride: Window{2, 2}, Groups: 1}}, "operation gives 7x19x13"},
		{"deconv that crops its kernel", []Layer{image, {Kind: Deconv, Inputs: []int{0}, In: map9, Out: Shape{7, 17, 11}, Kernel: Window{1, 1}, Stride: Window{2, 2}, Pad: Pad{1, 1, 0, 0}, Groups: 1}}, "crops"},
		{"deconv with dilation", []Layer{image, {Kind: Deconv, Inputs: []int{0}, In: map9, Out: map9, Kernel: Window{1, 1}, Stride: Window{1, 1}, Dilation: Window{2, 2}, Groups: 1}}, "a deconv with dilation 2x2"},
		{"pool of other channels", []Layer{image, {Kind: MaxPool, Inputs: []int{0}, In: map9, Out: Shape{5, 9, 6}, Kernel: Window{1, 1}, Stride: Window{1, 1}}}, "operation gives 4x9x6"},
		{"too many inputs", []Layer{image, {Kind: Resize, Inputs: []int{0, 0}, Factor: 1, In: map9, Out: map9}}, "resize takes 1 inputs, has 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := &Network{Stages: []string{"all"}, Layers: c.layers}
			switch err := n.Check(); {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// A deconvolution uses each weight once for each input position; views have neither MACs nor parameters.
func TestCountsByHand(t *testing.T) {
	up := Layer{Kind: Deconv, In: Shape{4, 9, 6}, Out: Shape{7, 18, 12}, Kernel: Window{3, 3}, Stride: Window{2, 2}, Groups: 1, Bias: true}
	if got, want := up.MACs(), int64(9*6*3*3*4*7); got != want {
		t.Errorf("deconv: %d MACs, want %d", got, want)
	}
	if got, want := up.Parameters(), 3*3*4*7+7; got != want {
		t.Errorf("deconv: %d parameters, want %d", got, want)
	}
	for _, k := range []Kind{Concat, Slice, Shuffle, Resize, Multiply} {
		if l := (Layer{Kind: k, In: Shape{4, 9, 6}, Out: Shape{4, 9, 6}}); l.MACs() != 0 || l.Parameters() != 0 {
			t.Errorf("%v: %d MACs, %d parameters", k, l.MACs(), l.Parameters())
		}
	}
}

// views is an image of 4 channels, from which two convolutions make 6 and 10; their concat of 16, of
// which a slice shows channels 4 to 9, feeds a convolution, and the whole concat another.
func views(t *testing.T) *Network {
	t.Helper()
	b := newBuilder("views", Shape{4, 5, 3})
	b.stage("all")
	x, y := b.pointwise("a", 0, 6, ReLU), b.pointwise("b", 0, 10, Linear)
	c := b.concat("join", x, y)
	s := b.pointwise("c", b.slice("show", c, 4, 6), 2, ReLU)
	d := b.pointwise("d", c, 3, ReLU)
	b.gather("result", s, d)
	n, err := b.finish(0)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Views show stored tensors, have no site, and keep alive what they show.
func TestViews(t *testing.T) {
	n := views(t)
	at := map[string]int{}
	for i, l := range n.Layers {
		at[l.Name] = i
	}
	if got, want := n.Parts(at["show"]), []Part{{at["a"], 2 * 15}, {at["b"], 4 * 15}}; !slices.Equal(got, want) {
		t.Errorf("slice shows %v, want %v", got, want)
	}
	for _, name := range []string{"join", "show", "result"} {
		if n.Stored(at[name]) || n.ActivationSiteOf(at[name]) >= 0 {
			t.Errorf("%s is stored", name)
		}
	}
	for _, name := range []string{"c", "d"} {
		if !n.Result(at[name]) || n.ActivationSiteOf(at[name]) < 0 {
			t.Errorf("%s: result %v, site %d", name, n.Result(at[name]), n.ActivationSiteOf(at[name]))
		}
	}
	// While d runs, a and b are read through the concat, and c waits as a part of the result.
	if got, want := n.Live(at["d"]), []int{at["a"], at["b"], at["c"], at["d"]}; !slices.Equal(got, want) {
		t.Errorf("live %v, want %v", got, want)
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	p.Activations[n.ActivationSiteOf(at["b"])] = 3
	// c reads 2 channels of a and 4 of b, d all of both.
	if got, want := int(n.Size(ActivationSum, p, nil)), 15*(2*8+4*3+6*8+10*3); got != want {
		t.Errorf("activation sum %d, want %d", got, want)
	}
	g := p.Clone()
	g.Zero()
	if got, want := int(n.Size(ActivationMax, p, g)), 15*(6*8+10*3); got != want || g.Activations[n.ActivationSiteOf(at["b"])] != 150 {
		t.Errorf("largest input %d, want %d; derivative %v", got, want, g.Activations)
	}
	if got := n.TensorWidth(at["show"], p); got != 8 {
		t.Errorf("width of the slice %v, want the larger 8", got)
	}
}
