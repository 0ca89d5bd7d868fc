package checkpoint

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// File is the contents of a safetensors file.
type File struct {
	// Meta is free text by key. The key "dse.crc32c" is the package's own and never stands here.
	Meta map[string]string
	// Tensors have different names. Read returns them in order of their names.
	Tensors []Tensor
}

const (
	metaName = "__metadata__"
	crcKey   = "dse.crc32c"
)

// Tensor returns the tensor of that name, or nil.
func (f *File) Tensor(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	return nil
}

// sorted returns the tensors in order of their names.
func (f *File) sorted() []Tensor {
	return slices.SortedFunc(slices.Values(f.Tensors), func(a, b Tensor) int { return cmp.Compare(a.Name, b.Name) })
}

// check reports what keeps f from being written.
func (f *File) check() error {
	if _, ok := f.Meta[crcKey]; ok {
		return fmt.Errorf("metadata key %q is reserved", crcKey)
	}
	for _, k := range slices.Sorted(maps.Keys(f.Meta)) {
		if v := f.Meta[k]; !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Errorf("metadata %q: %q is not UTF-8", k, v)
		}
	}
	list := f.sorted()
	for i := range list {
		t := &list[i]
		n, ok := elements(t.Shape)
		switch {
		case t.Name == metaName:
			return fmt.Errorf("tensor name %q is reserved", metaName)
		case !utf8.ValidString(t.Name):
			return fmt.Errorf("tensor name %q is not UTF-8", t.Name)
		case i > 0 && list[i-1].Name == t.Name:
			return fmt.Errorf("two tensors are named %q", t.Name)
		case t.DType.Size() == 0:
			return fmt.Errorf("tensor %q has the unknown type %q", t.Name, t.DType)
		case !ok || len(t.Data)%t.DType.Size() != 0 || len(t.Data)/t.DType.Size() != n:
			return fmt.Errorf("tensor %q: %d bytes do not make the shape %v of %s", t.Name, len(t.Data), t.Shape, t.DType)
		}
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the CRC-32C of the canonical header, without the checksum itself, and of the
// data in order of the tensors' names. It does not depend on how a file lays them out.
func checksum(meta map[string]string, sorted []Tensor) string {
	sum := crc32.Update(0, castagnoli, header(meta, sorted, ""))
	for i := range sorted {
		sum = crc32.Update(sum, castagnoli, sorted[i].Data)
	}
	return fmt.Sprintf("%08x", sum)
}

// Write writes f in its one canonical form.
func Write(w io.Writer, f *File) error {
	if err := f.check(); err != nil {
		return err
	}
	sorted := f.sorted()
	if _, err := w.Write(frame(header(f.Meta, sorted, checksum(f.Meta, sorted)))); err != nil {
		return err
	}
	for i := range sorted {
		if _, err := w.Write(sorted[i].Data); err != nil {
			return err
		}
	}
	return nil
}
