package models

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func micro(t testing.TB) *Network {
	t.Helper()
	n, err := Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMicro(t *testing.T) {
	n := micro(t)
	if got := n.Parameters(); got != 36218 {
		t.Errorf("parameters = %d, want 36218", got)
	}
	// 1 stem + 2 + 6 blocks of 3 + head + dense.
	if got := len(n.Weights); got != 23 {
		t.Errorf("weight tensors = %d, want 23", got)
	}
	adds := 0
	for i := range n.Layers {
		if n.Layers[i].Kind == Add {
			adds++
			if !n.FusedIntoAdd(i - 1) {
				t.Errorf("projection before %s is not fused", n.Layers[i].Name)
			}
		}
	}
	if adds != 3 {
		t.Errorf("residual additions = %d, want 3", adds)
	}
}

// The widest MobileNetV2 (Sandler et al. 2018) at 224x224 has 3,504,872 parameters (torchvision's
// count, norm's scale and shift included); the paper's sizes are 3,470,760 quantized parameters
// (dense bias included) and 6,616,672 activations.
func TestMobileNetV2FullSize(t *testing.T) {
	n, err := MobileNetV2(MobileNetV2Config{
		Name: "mobilenetv2", Image: Shape{3, 224, 224}, Classes: 1000, Stem: 32, StemStride: 2, Head: 1280,
		Blocks: []InvertedResidual{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Parameters(); got != 3504872 {
		t.Errorf("parameters = %d, want 3504872", got)
	}
	p := n.Uniform(n.PerTensor(), 1, 1)
	if got := n.Size(WeightSize, p, nil) + 1000; got != 3470760 {
		t.Errorf("weights and bias = %v, want 3470760", got)
	}
	if got := n.Size(ActivationSum, p, nil); got != 6616672 {
		t.Errorf("activation sum = %v, want 6616672", got)
	}
	if got := float64(n.Size(ActivationMax, p, nil)) / 8000; math.Abs(got-150.528) > 1e-9 {
		t.Errorf("largest activation = %v kB, want 150.528", got)
	}
	if got := n.Footprint(p).Norm.Kilobytes(); got != 68.224 {
		t.Errorf("norm = %v kB, want 68.224", got)
	}
}

// The micro network's peak by hand: the first expansion to 32 channels at 28x28 reads 8 channels and
// writes 32, 784 * 40 elements; the depthwise behind it reads 784*32 and writes 196*32, which is equal.
func TestPeakByHand(t *testing.T) {
	n := micro(t)
	p := n.Uniform(n.PerTensor(), 8, 4)
	got, at := n.Peak(p)
	if want := 4 * 784 * 40; int(got) != want {
		t.Errorf("peak = %v, want %d", got, want)
	}
	if name := n.Layers[at].Name; name != "block2.1.expand" {
		t.Errorf("peak at %s, want block2.1.expand", name)
	}
}

// A residual stays alive across its block: while block2.2's depthwise runs, the block's input is kept.
func TestResidualStaysAlive(t *testing.T) {
	n := micro(t)
	at := map[string]int{}
	for i, l := range n.Layers {
		at[l.Name] = i
	}
	want := []int{at["block2.1.project"], at["block2.2.expand"], at["block2.2.depthwise"]}
	got := n.Live(at["block2.2.depthwise"])
	if len(got) != len(want) {
		t.Fatalf("live = %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("live = %v, want %v", got, want)
		}
	}
}

// drawPrecision draws widths and groups for every site.
func drawPrecision(t *rapid.T, n *Network) *Precision {
	s := n.PerTensor()
	for i := range s {
		s[i] = rapid.SampledFrom([]int{0, 1, 5, 16}).Draw(t, "group")
	}
	p := n.Uniform(s, 1, 1)
	w := rapid.Custom(func(t *rapid.T) Width { return Width(rapid.IntRange(1, 8).Draw(t, "width")) })
	for i := range p.Weights {
		for j := range p.Weights[i].Widths {
			p.Weights[i].Widths[j] = w.Draw(t, "w")
		}
	}
	for i := range p.Activations {
		p.Activations[i] = w.Draw(t, "a")
	}
	return p
}

// Every size is piecewise linear: for a small enough step the derivative predicts it exactly, from
// above for maxima, which are convex.
func TestSizeGradient(t *testing.T) {
	networks := []*Network{micro(t), views(t)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(networks).Draw(t, "network")
		p := drawPrecision(t, n)
		if err := n.CheckPrecision(p); err != nil {
			t.Fatal(err)
		}
		q := drawPrecision(t, n)
		for i := range q.Weights { // same slicing, other widths
			q.Weights[i] = p.Clone().Weights[i]
			for j := range q.Weights[i].Widths {
				q.Weights[i].Widths[j] = Width(rapid.IntRange(1, 8).Draw(t, "q"))
			}
		}
		for _, k := range []SizeKind{WeightSize, ActivationSum, ActivationPeak} {
			g := p.Clone()
			g.Zero()
			at := float64(n.Size(k, p, g))
			line := at
			for i := range g.Weights {
				for j := range g.Weights[i].Widths {
					line += float64(g.Weights[i].Widths[j] * (q.Weights[i].Widths[j] - p.Weights[i].Widths[j]))
				}
			}
			for i := range g.Activations {
				line += float64(g.Activations[i] * (q.Activations[i] - p.Activations[i]))
			}
			got := float64(n.Size(k, q, nil))
			if k == ActivationPeak {
				if got < line {
					t.Fatalf("peak %v lies below its tangent %v", got, line)
				}
			} else if got != line {
				t.Fatalf("size kind %d = %v, tangent says %v", k, got, line)
			}
		}
	})
}

// The sum of the slices is the tensor, for any group.
func TestSlicesCoverTensor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := WeightSite{Channels: rapid.IntRange(1, 100).Draw(t, "channels"), PerChannel: rapid.IntRange(1, 50).Draw(t, "per")}
		g := rapid.IntRange(0, 120).Draw(t, "group")
		sum, next := 0, 0
		for i := range s.Slices(g) {
			lo, hi := s.SliceChannels(g, i)
			if lo != next || hi <= lo {
				t.Fatalf("slice %d is [%d,%d), previous ended at %d", i, lo, hi, next)
			}
			next = hi
			sum += s.SliceElements(g, i)
		}
		if next != s.Channels || sum != s.Elements() {
			t.Fatalf("slices end at channel %d of %d, %d elements of %d", next, s.Channels, sum, s.Elements())
		}
	})
}

func TestBuildErrors(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"mobilenetv3", `unknown model "mobilenetv3"; did you mean mobilenetv1?`},
		{"resnet-18", `unknown model "resnet-18"; did you mean resnet18?`},
		{"nonsense", "unknown model \"nonsense\"; `dse model list` shows them"},
		{"mobilenetv2-1.0-x", `model "mobilenetv2-1.0-x": "x" is no option`},
		{"mobilenetv2-0.0", `width "0.0" is not a number above 0 and up to 16`},
		{"mobilenetv2-1.0.0", `width "1.0.0" is not a number`},
		{"efficientnet-lite0-0.5", `this network comes in one width`},
		{"mobilenetv2-c0", `"c0" is no option`},
		{"mobilenetv2-224x", `"224x" is no option`},
		{"resnet18-9999999", `from 1 to 8192`},
		{"resnet18-s9", `from 1 to 8`},
	} {
		_, err := Build(c.name)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// Options change what they say and nothing else.
func TestOptions(t *testing.T) {
	n, err := Build("mobilenetv2-0.5-96x64-c7-s1")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Image(), (Shape{3, 96, 64}); got != want {
		t.Errorf("image %v, want %v", got, want)
	}
	if n.Classes != 7 || n.Layers[len(n.Layers)-1].Out.C != 7 {
		t.Errorf("%d classes, want 7", n.Classes)
	}
	if got, want := n.Layers[1].Out, (Shape{16, 96, 64}); got != want {
		t.Errorf("stem gives %v, want %v", got, want)
	}
	if n.Name != "mobilenetv2-0.5-96x64-c7-s1" {
		t.Errorf("name %s", n.Name)
	}
}

// A dilated kernel covers (k-1)*dilation+1 inputs; a dilation of 0 is that of an ordinary kernel.
func TestDilation(t *testing.T) {
	for _, c := range []struct {
		name     string
		kernel   Window
		dilation Window
		out      Window // of a 9x9 map without padding, stride 1
		ok       bool
	}{
		{"none", Window{3, 3}, Window{}, Window{7, 7}, true},
		{"one", Window{3, 3}, Window{1, 1}, Window{7, 7}, true},
		{"two", Window{3, 3}, Window{2, 2}, Window{5, 5}, true},
		{"uneven", Window{3, 5}, Window{4, 2}, Window{1, 1}, true},
		{"not counted in the output", Window{3, 3}, Window{2, 2}, Window{7, 7}, false},
		{"does not fit", Window{3, 3}, Window{5, 1}, Window{1, 7}, false},
		{"negative", Window{3, 3}, Window{-1, 1}, Window{7, 7}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := &Network{Stages: []string{"all"}, Layers: []Layer{
				{Name: "image", Kind: Input, Out: Shape{1, 9, 9}},
				{Name: "conv", Kind: Conv, Inputs: []int{0}, In: Shape{1, 9, 9}, Out: Shape{2, c.out.H, c.out.W},
					Kernel: c.kernel, Stride: Window{1, 1}, Dilation: c.dilation, Groups: 1},
			}}
			if err := n.Check(); (err == nil) != c.ok {
				t.Errorf("Check() = %v, want success %v", err, c.ok)
			}
		})
	}
}
