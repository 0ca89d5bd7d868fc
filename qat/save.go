package qat

import (
	"fmt"
	"strings"

	"dse/qat/checkpoint"
)

// metaNetwork is the metadata key under which a checkpoint keeps its network's name.
const metaNetwork = "network"

// runPrefix begins the names of a checkpoint's tensors that belong to a run, not to the model.
const runPrefix = "run/"

// Save writes the model's state to a safetensors file, replacing it atomically. Tensors are named
// after their layers; weights are [O, fan-in].
func (m *Model) Save(path string) error { return checkpoint.Save(path, m.file()) }

// file returns the model's state as the contents of a file.
func (m *Model) file() *checkpoint.File {
	f := &checkpoint.File{Meta: map[string]string{metaNetwork: m.Network.Name}}
	for _, e := range m.tensors() {
		f.Tensors = append(f.Tensors, checkpoint.FromFloat32s(e.name, e.t.Float32s(), e.t.Shape()...))
	}
	return f
}

// Load reads a state written by Save, or the checkpoint of a run, for the same network and slicing. On
// error the model is left half changed and must not be used.
func (m *Model) Load(path string) error {
	f, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	if err := m.take(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// take copies the state from the contents of a file.
func (m *Model) take(f *checkpoint.File) error {
	if got := f.Meta[metaNetwork]; got != m.Network.Name {
		return fmt.Errorf("checkpoint of network %q, want %q", got, m.Network.Name)
	}
	count := 0
	for i := range f.Tensors {
		if !strings.HasPrefix(f.Tensors[i].Name, runPrefix) {
			count++
		}
	}
	all := m.tensors()
	if count != len(all) {
		return fmt.Errorf("%d tensors, a model of %s has %d", count, m.Network.Name, len(all))
	}
	for _, e := range all {
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
