package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// lengthBytes is the size of the header length at the start of a file.
	lengthBytes = 8
	// maxHeader is the format's own limit on the header, in bytes.
	maxHeader = 100_000_000
)

// entry is what the header says of one tensor.
type entry struct {
	name    string
	dtype   DType
	shape   []int
	offsets []uint64 // begin and end within the data, in bytes
}

// UnmarshalJSON reads the members by their exact names, where decoding into a struct would accept
// them in any case.
func (e *entry) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		dst  any
	}{{"dtype", &e.dtype}, {"shape", &e.shape}, {"data_offsets", &e.offsets}} {
		text, ok := members[m.name]
		if !ok {
			return fmt.Errorf("%s is missing", m.name)
		}
		if err := json.Unmarshal(text, m.dst); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// header returns the canonical JSON header of the tensors in the given order. The checksum is
// left out when empty.
func header(meta map[string]string, tensors []Tensor, crc string) []byte {
	b := []byte{'{'}
	if crc != "" {
		meta = maps.Clone(meta)
		if meta == nil {
			meta = map[string]string{}
		}
		meta[crcKey] = crc
	}
	if len(meta) > 0 {
		b = append(b, `"`+metaName+`":{`...)
		for i, k := range slices.Sorted(maps.Keys(meta)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			b = appendString(b, meta[k])
		}
		b = append(b, '}', ',')
	}
	offset := 0
	for i := range tensors {
		t := &tensors[i]
		b = append(appendString(b, t.Name), `:{"dtype":`...)
		b = append(appendString(b, string(t.DType)), `,"shape":[`...)
		for j, d := range t.Shape {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(d), 10)
		}
		b = append(b, `],"data_offsets":[`...)
		b = append(strconv.AppendInt(b, int64(offset), 10), ',')
		offset += len(t.Data)
		b = append(strconv.AppendInt(b, int64(offset), 10), `]},`...)
	}
	return append(bytes.TrimSuffix(b, []byte{','}), '}')
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic("checkpoint: a string cannot be written as JSON")
	}
	return append(b, quoted...)
}

// frame returns the header with its length before it and blanks behind it, so that the data begin
// at a multiple of 8.
func frame(header []byte) []byte {
	padded := (len(header) + 7) &^ 7
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, lengthBytes+padded), uint64(padded))
	b = append(b, header...)
	return append(b, strings.Repeat(" ", padded-len(header))...)
}

// parseHeader returns the tensors in the order of the header, each checked against the size of the
// data, and the metadata. It is read token by token because a name must not occur twice, which
// decoding into a map would hide.
func parseHeader(b []byte, size uint64) (entries []entry, meta map[string]string, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("the header is not a JSON object")
	}
	names := make(map[string]bool)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("the header is not JSON: %w", err)
		}
		name := t.(string) // the decoder allows nothing else as a key
		if names[name] {
			return nil, nil, fmt.Errorf("the header has %q twice", name)
		}
		names[name] = true
		if name == metaName {
			if err := dec.Decode(&meta); err != nil {
				return nil, nil, fmt.Errorf("the metadata are not strings by key: %w", err)
			}
			continue
		}
		e := entry{name: name}
		if err := dec.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: not a tensor's header: %w", name, err)
		}
		if err := e.check(size); err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("the header is not JSON: %w", err)
	}
	if rest := bytes.TrimLeft(b[dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, fmt.Errorf("%d bytes stand behind the header's end", len(rest))
	}
	return entries, meta, nil
}
