package qat

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/checkpoint"
)

// Import takes float weights, norms and biases by name from a safetensors file: a model or checkpoint of
// this program for the same network with any slicing, or a file with torchvision's names of MobileNetV2
// or ResNet. Every tensor must be there with its shape, and none may be left over. On error the model
// is left half changed and must not be used. Quantizers stay as they are.
func (m *Model) Import(path string) error {
	f, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	if _, own := f.Meta[metaNetwork]; own {
		err = m.importOwn(f)
	} else {
		err = m.importTorch(f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// importOwn takes the float part of a file of Save.
func (m *Model) importOwn(f *checkpoint.File) error {
	if got := f.Meta[metaNetwork]; got != m.Network.Name {
		return fmt.Errorf("weights of network %q, want %q", got, m.Network.Name)
	}
	for _, e := range m.tensors() {
		if strings.HasSuffix(e.name, ".d") || strings.HasSuffix(e.name, ".xmax") {
			continue
		}
		t := f.Tensor(e.name)
		if t == nil {
			return fmt.Errorf("no tensor %s", e.name)
		}
		if err := t.CopyFloat32s(e.t.Float32s()); err != nil {
			return err
		}
	}
	return nil
}

// ignoredTorch ends the names of tensors that torchvision saves and no inference reads.
const ignoredTorch = "num_batches_tracked"

// importTorch takes weights under torchvision's names.
func (m *Model) importTorch(f *checkpoint.File) error {
	names, err := torchNames(m.Network)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	take := func(name string, shape []int, put func(v []float32)) error {
		t := f.Tensor(name)
		if t == nil {
			return fmt.Errorf("no tensor %s: the file does not hold torchvision's weights of %s", name, m.Network.Name)
		}
		if !slices.Equal(t.Shape, shape) {
			return fmt.Errorf("tensor %s has the shape %v, the network needs %v", name, t.Shape, shape)
		}
		v, err := t.Float32s()
		if err != nil {
			return err
		}
		used[name] = true
		put(v)
		return nil
	}
	for i := range m.Network.Layers {
		l, s, name := &m.Network.Layers[i], &m.layers[i], names[i]
		if s.weight == nil {
			continue
		}
		shape := torchShape(l)
		if err := take(name.weights+".weight", shape, func(v []float32) { channelsLast(s.weight.Float32s(), v, l) }); err != nil {
			return err
		}
		for _, e := range []struct {
			name string
			to   *tensor.Dense
		}{
			{name.weights + ".bias", s.bias}, {name.norm + ".weight", s.gamma}, {name.norm + ".bias", s.beta},
			{name.norm + ".running_mean", s.mean}, {name.norm + ".running_var", s.vari},
		} {
			if e.to == nil {
				continue
			}
			if err := take(e.name, []int{l.Out.C}, func(v []float32) { copy(e.to.Float32s(), v) }); err != nil {
				return err
			}
		}
	}
	for i := range f.Tensors {
		if n := f.Tensors[i].Name; !used[n] && !strings.HasSuffix(n, ignoredTorch) {
			return fmt.Errorf("tensor %s fits no layer of %s: the file holds another network", n, m.Network.Name)
		}
	}
	return nil
}

// torchName is the name of a layer's weights and of its norm.
type torchName struct{ weights, norm string }

// torchNames returns torchvision's names of a network's weighted layers, by layer.
func torchNames(n *models.Network) ([]torchName, error) {
	names := make([]torchName, len(n.Layers))
	mobile, feature, block, part := false, 0, "", 0
	for i := range n.Layers {
		mobile = mobile || strings.HasSuffix(n.Layers[i].Name, ".expand")
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		if !l.Weighted() {
			continue
		}
		where, what := "", l.Name
		if k := strings.LastIndex(l.Name, "."); k >= 0 {
			where, what = l.Name[:k], l.Name[k+1:]
		}
		if where != block {
			block, part = where, 0
			if where != "" {
				feature++
			}
		}
		var stage, number int
		_, err := fmt.Sscanf(where, "block%d.%d", &stage, &number)
		switch {
		case mobile && what == "stem":
			names[i] = torchName{"features.0.0", "features.0.1"}
		case mobile && (what == "expand" || what == "depthwise"):
			at := fmt.Sprintf("features.%d.conv.%d", feature, part)
			names[i] = torchName{at + ".0", at + ".1"}
		case mobile && what == "project":
			names[i] = torchName{fmt.Sprintf("features.%d.conv.%d", feature, part), fmt.Sprintf("features.%d.conv.%d", feature, part+1)}
		case mobile && what == "head":
			names[i] = torchName{fmt.Sprintf("features.%d.0", feature+1), fmt.Sprintf("features.%d.1", feature+1)}
		case mobile && what == "classifier":
			names[i].weights = "classifier.1"
		case !mobile && what == "stem":
			names[i] = torchName{"conv1", "bn1"}
		case !mobile && err == nil && strings.HasPrefix(what, "conv"):
			at := fmt.Sprintf("layer%d.%d.", stage, number-1)
			names[i] = torchName{at + what, at + "bn" + what[len("conv"):]}
		case !mobile && err == nil && what == "shortcut":
			at := fmt.Sprintf("layer%d.%d.downsample.", stage, number-1)
			names[i] = torchName{at + "0", at + "1"}
		case !mobile && what == "classifier":
			names[i].weights = "fc"
		default:
			return nil, fmt.Errorf("layer %s of %s has no name in torchvision: only MobileNetV2 and ResNets can be imported by name", l.Name, n.Name)
		}
		part++
	}
	return names, nil
}

// torchShape returns the shape of a weight tensor in PyTorch: [O, I/groups, kh, kw], or [O, I] of a dense layer.
func torchShape(l *models.Layer) []int {
	if l.Kind == models.Dense {
		return []int{l.Out.C, l.Fanin()}
	}
	return []int{l.Out.C, l.In.C / max(1, l.Groups), l.Kernel.H, l.Kernel.W}
}

// channelsLast writes PyTorch's weights, channels before positions, to dst, positions before channels.
func channelsLast(dst, src []float32, l *models.Layer) {
	channels, positions := l.In.C, l.In.H*l.In.W
	if l.Kind != models.Dense {
		channels, positions = l.In.C/max(1, l.Groups), l.Kernel.H*l.Kernel.W
	}
	for o := range l.Out.C {
		from, to := src[o*channels*positions:], dst[o*channels*positions:]
		for c := range channels {
			for p := range positions {
				to[p*channels+c] = from[c*positions+p]
			}
		}
	}
}
