package checkpoint

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
)

// ErrDamaged marks an error that comes from the contents of a file, as against one that comes from
// reaching it.
var ErrDamaged = errors.New("the file is damaged or not a safetensors file; remove it, or bring back a copy")

// Load reads the file at path. Every error names it.
func Load(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("checkpoint %s: not a regular file", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	f, err := Read(b)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return f, nil
}

// Read decodes the contents of a file, in time and memory bounded by len(b). The tensors' data are
// parts of b. Errors wrap ErrDamaged.
func Read(b []byte) (*File, error) {
	f, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, ErrDamaged)
	}
	return f, nil
}

func decode(b []byte) (*File, error) {
	if len(b) < lengthBytes {
		return nil, fmt.Errorf("truncated: %d bytes, a header length takes %d", len(b), lengthBytes)
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return nil, fmt.Errorf("header of %d bytes is longer than the format's limit of %d", n, maxHeader)
	}
	if n > uint64(len(b)-lengthBytes) {
		return nil, fmt.Errorf("truncated: header of %d bytes, %d are left in the file", n, len(b)-lengthBytes)
	}
	data := b[lengthBytes+n:]
	entries, meta, err := parseHeader(b[lengthBytes:lengthBytes+n], uint64(len(data)))
	if err != nil {
		return nil, err
	}
	f := &File{Meta: meta}
	if f.Tensors, err = place(entries, data); err != nil {
		return nil, err
	}
	if want, ok := meta[crcKey]; ok {
		delete(meta, crcKey)
		if got := checksum(meta, f.Tensors); got != want {
			return nil, fmt.Errorf("CRC-32C is %s, the file says %s", got, want)
		}
	}
	if len(meta) == 0 {
		f.Meta = nil
	}
	return f, nil
}

// place cuts the data into the tensors that the header announces, in order of their names. They
// must cover it from start to end.
func place(entries []entry, data []byte) ([]Tensor, error) {
	// By place, empty tensors before the one that begins at the same byte.
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.offsets[0], b.offsets[0]), cmp.Compare(a.offsets[1], b.offsets[1]), cmp.Compare(a.name, b.name))
	})
	at, previous := uint64(0), ""
	tensors := make([]Tensor, 0, len(entries))
	for _, e := range entries {
		begin, end := e.offsets[0], e.offsets[1]
		switch {
		case begin < at:
			return nil, fmt.Errorf("tensor %q at data bytes %d to %d overlaps tensor %q, which ends at %d", e.name, begin, end, previous, at)
		case begin > at:
			return nil, fmt.Errorf("data bytes %d to %d, before tensor %q, belong to no tensor", at, begin, e.name)
		}
		at, previous = end, e.name
		tensors = append(tensors, Tensor{Name: e.name, DType: e.dtype, Shape: e.shape, Data: data[begin:end:end]})
	}
	if rest := uint64(len(data)) - at; rest > 0 {
		return nil, fmt.Errorf("the last %d data bytes belong to no tensor", rest)
	}
	slices.SortFunc(tensors, func(a, b Tensor) int { return cmp.Compare(a.Name, b.Name) })
	return tensors, nil
}

// check verifies one tensor's header against the size of the data.
func (e *entry) check(size uint64) error {
	width := uint64(e.dtype.Size())
	if width == 0 {
		return fmt.Errorf("tensor %q has the unknown type %q", e.name, e.dtype)
	}
	if e.shape == nil {
		return fmt.Errorf("tensor %q has the shape null, a scalar has []", e.name)
	}
	if len(e.offsets) != 2 {
		return fmt.Errorf("tensor %q has %d data offsets, two are needed", e.name, len(e.offsets))
	}
	begin, end := e.offsets[0], e.offsets[1]
	if begin > end || end > size {
		return fmt.Errorf("tensor %q: data bytes %d to %d are not within the %d of the file", e.name, begin, end, size)
	}
	n, ok := elements(e.shape)
	if bytes := end - begin; !ok || bytes%width != 0 || bytes/width != uint64(n) {
		return fmt.Errorf("tensor %q: %d bytes do not make the shape %v of %s", e.name, bytes, e.shape, e.dtype)
	}
	return nil
}
