package qat

import (
	"fmt"

	"dse/qat/checkpoint"
)

// metaNetwork is the metadata key under which a checkpoint keeps its network's name.
const metaNetwork = "network"

// Save writes the model's state to a safetensors file, replacing it atomically. Tensors are named
// after their layers; weights are [O, fan-in].
func (m *Model) Save(path string) error {
	f := &checkpoint.File{Meta: map[string]string{metaNetwork: m.Network.Name}}
	for _, e := range m.tensors() {
		f.Tensors = append(f.Tensors, checkpoint.FromFloat32s(e.name, e.t.Float32s(), e.t.Shape()...))
	}
	return checkpoint.Save(path, f)
}

// Load reads a state written by Save for the same network and slicing. On error the model is left
// half changed and must not be used.
func (m *Model) Load(path string) error {
	f, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	if got := f.Meta[metaNetwork]; got != m.Network.Name {
		return fmt.Errorf("%s: checkpoint of network %q, want %q", path, got, m.Network.Name)
	}
	all := m.tensors()
	if len(f.Tensors) != len(all) {
		return fmt.Errorf("%s: %d tensors, a model of %s has %d", path, len(f.Tensors), m.Network.Name, len(all))
	}
	for _, e := range all {
		t := f.Tensor(e.name)
		if t == nil {
			return fmt.Errorf("%s: no tensor %s", path, e.name)
		}
		if err := t.CopyFloat32s(e.t.Float32s()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
