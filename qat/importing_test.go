package qat

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"dse/models"
	"dse/qat/checkpoint"
)

// Names as torchvision's state dictionaries have them.
func TestTorchNames(t *testing.T) {
	for network, want := range map[string]map[string]torchName{
		"mobilenetv2-1.0-224": {
			"stem":               {"features.0.0", "features.0.1"},
			"block1.1.depthwise": {"features.1.conv.0.0", "features.1.conv.0.1"},
			"block1.1.project":   {"features.1.conv.1", "features.1.conv.2"},
			"block2.1.expand":    {"features.2.conv.0.0", "features.2.conv.0.1"},
			"block2.1.depthwise": {"features.2.conv.1.0", "features.2.conv.1.1"},
			"block2.1.project":   {"features.2.conv.2", "features.2.conv.3"},
			"block3.3.expand":    {"features.6.conv.0.0", "features.6.conv.0.1"},
			"block7.1.project":   {"features.17.conv.2", "features.17.conv.3"},
			"head":               {"features.18.0", "features.18.1"},
			"classifier":         {"classifier.1", ""},
		},
		"resnet18": {
			"stem":              {"conv1", "bn1"},
			"block1.1.conv1":    {"layer1.0.conv1", "layer1.0.bn1"},
			"block2.1.shortcut": {"layer2.0.downsample.0", "layer2.0.downsample.1"},
			"block4.2.conv2":    {"layer4.1.conv2", "layer4.1.bn2"},
			"classifier":        {"fc", ""},
		},
	} {
		n, err := models.Build(network)
		if err != nil {
			t.Fatal(err)
		}
		names, err := torchNames(n)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i := range n.Layers {
			if w, ok := want[n.Layers[i].Name]; ok {
				found++
				if names[i] != w {
					t.Errorf("%s: %s is %v, want %v", network, n.Layers[i].Name, names[i], w)
				}
			}
		}
		if found != len(want) {
			t.Errorf("%s has %d of the %d layers", network, found, len(want))
		}
	}
}

// torchFile holds a state of the network under torchvision's names: element i of tensor k is k + i/1000.
func torchFile(t *testing.T, n *models.Network) *checkpoint.File {
	t.Helper()
	names, err := torchNames(n)
	if err != nil {
		t.Fatal(err)
	}
	f := &checkpoint.File{}
	add := func(name string, shape ...int) {
		size := 1
		for _, d := range shape {
			size *= d
		}
		v := make([]float32, size)
		for i := range v {
			v[i] = float32(len(f.Tensors)) + float32(i)/1000
		}
		f.Tensors = append(f.Tensors, checkpoint.FromFloat32s(name, v, shape...))
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		if !l.Weighted() {
			continue
		}
		add(names[i].weights+".weight", torchShape(l)...)
		if l.Bias {
			add(names[i].weights+".bias", l.Out.C)
		}
		if l.Norm {
			for _, e := range []string{".weight", ".bias", ".running_mean", ".running_var"} {
				add(names[i].norm+e, l.Out.C)
			}
			f.Tensors = append(f.Tensors, checkpoint.FromInt64s(names[i].norm+".num_batches_tracked", []int64{7}))
		}
	}
	return f
}

func TestImportTorch(t *testing.T) {
	n := tiny(t)
	f := torchFile(t, n)
	path := filepath.Join(t.TempDir(), "torch.safetensors")
	if err := checkpoint.Save(path, f); err != nil {
		t.Fatal(err)
	}
	m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	if err := m.Import(path); err != nil {
		t.Fatal(err)
	}
	// The expansion of the second block is [16, 8, 1, 1]; the stem [8, 1, 3, 3]: nothing moves in either.
	// A depthwise kernel has one input channel and keeps its order too. Only a layer with several
	// channels and positions is turned around; the permutation is checked on its own below.
	for i := range n.Layers {
		s, l := &m.layers[i], &n.Layers[i]
		if s.gamma == nil {
			continue
		}
		w, gamma, v := s.weight.Float32s(), s.gamma.Float32s(), s.vari.Float32s()
		k := float32(math.Floor(float64(w[0])))
		if w[1] != k+0.001 || gamma[2] != k+1+0.002 || v[1] != k+4+0.001 {
			t.Errorf("%s: weights %v, gamma %v, variance %v do not come from neighbouring tensors", l.Name, w[:2], gamma[:3], v[:2])
		}
	}
	l := &models.Layer{Kind: models.Conv, In: models.Shape{C: 4, H: 9, W: 9}, Out: models.Shape{C: 2, H: 9, W: 9}, Groups: 2, Kernel: models.Window{H: 1, W: 3}}
	// PyTorch: output, channel of the group, position.
	got := make([]float32, 12)
	channelsLast(got, []float32{000, 001, 002, 010, 011, 012, 100, 101, 102, 110, 111, 112}, l)
	for i, want := range []float32{000, 010, 001, 011, 002, 012, 100, 110, 101, 111, 102, 112} {
		if got[i] != want {
			t.Fatalf("order %v", got)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	n := tiny(t)
	for _, c := range []struct {
		name   string
		change func(f *checkpoint.File)
		want   string
	}{
		{"missing", func(f *checkpoint.File) { f.Tensors = f.Tensors[1:] }, "no tensor features.0.0.weight"},
		{"left over", func(f *checkpoint.File) {
			f.Tensors = append(f.Tensors, checkpoint.FromFloat32s("features.9.conv.0.0.weight", []float32{1}))
		}, "features.9.conv.0.0.weight fits no layer"},
		{"shape", func(f *checkpoint.File) { f.Tensors[0].Shape = []int{8, 3, 3, 1} }, "has the shape [8 3 3 1], the network needs [8 1 3 3]"},
		{"type", func(f *checkpoint.File) {
			f.Tensors[1] = checkpoint.FromFloat64s(f.Tensors[1].Name, make([]float64, 8))
		}, "holds F64"},
		{"another network of ours", func(f *checkpoint.File) { f.Meta = map[string]string{metaNetwork: "other"} }, `network "other", want "tiny"`},
	} {
		f := torchFile(t, n)
		c.change(f)
		path := filepath.Join(t.TempDir(), "torch.safetensors")
		if err := checkpoint.Save(path, f); err != nil {
			t.Fatal(err)
		}
		err := NewModel(n, n.PerTensor(), DefaultQuantization(), 1).Import(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error = %v, want %q", c.name, err, c.want)
		}
	}
}

// A model saved with one slicing starts another with its float weights.
func TestImportOwn(t *testing.T) {
	n := tiny(t)
	a := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	s := n.PerTensor()
	for i := range s {
		s[i] = 1
	}
	b := NewModel(n, s, DefaultQuantization(), 2)
	if err := b.Import(path); err != nil {
		t.Fatal(err)
	}
	x, err := Evaluate(context.Background(), a, quadrants{2, 100}, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := Evaluate(context.Background(), b, quadrants{2, 100}, false, 1); err != nil || x != y {
		t.Errorf("imported model classifies %v (%v), saved one %v", y, err, x)
	}
}
