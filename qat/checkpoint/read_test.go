package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// raw builds a file from a header text and data, without checks.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// A file of another writer: no checksum, another order, blanks, an unknown member.
func TestReadForeign(t *testing.T) {
	b := raw(`{ "b" :{"data_offsets":[0,4],"shape":[2],"dtype":"BF16","more":1},"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}   `, 8)
	f, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 2 || f.Tensors[0].Name != "a" || f.Tensors[1].DType != "BF16" || f.Meta != nil {
		t.Errorf("read %+v", f)
	}
	if f, err = Read(raw(`{}`, 0)); err != nil || len(f.Tensors) != 0 {
		t.Errorf("empty file: %+v, %v", f, err)
	}
}

func TestReadErrors(t *testing.T) {
	const one = `"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct {
		name string
		b    []byte
		text string
	}{
		{"empty", nil, "truncated: 0 bytes, a header length takes 8"},
		{"cut in the length", make([]byte, 7), "truncated: 7 bytes, a header length takes 8"},
		{"cut in the header", raw(`{`+one+`}`, 0)[:20], "truncated: header of 54 bytes, 12 are left in the file"},
		{"cut in the data", raw(`{`+one+`}`, 3), `tensor "a": data bytes 0 to 4 are not within the 3 of the file`},
		{"header beyond the limit", bytes.Repeat([]byte{0xff}, 64), "header of 18446744073709551615 bytes is longer than the format's limit of 100000000"},
		{"header just beyond the limit", binary.LittleEndian.AppendUint64(nil, maxHeader+1), "header of 100000001 bytes is longer than the format's limit of 100000000"},
		{"no object", raw(`[]`, 0), "the header is not a JSON object"},
		{"no JSON", raw(`{"a`, 0), "the header is not JSON"},
		{"cut after a name", raw(`{"a"`, 0), `tensor "a": not a tensor's header: EOF`},
		{"name not quoted", raw(`{a:1}`, 0), "the header is not JSON: invalid character 'a'"},
		{"cut object", raw(`{`+one, 4), "the header is not JSON: EOF"},
		{"something behind", raw(`{`+one+`} x`, 4), "1 bytes stand behind the header's end"},
		{"one name twice", raw(`{`+one+`,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `the header has "a" twice`},
		{"metadata twice", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), `the header has "__metadata__" twice`},
		{"metadata not text", raw(`{"__metadata__":{"a":1}}`, 0), "the metadata are not strings by key"},
		{"tensor not an object", raw(`{"a":3}`, 0), `tensor "a": not a tensor's header`},
		{"null tensor", raw(`{"a":null}`, 0), `tensor "a": not a tensor's header: dtype is missing`},
		{"unknown type", raw(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "a" has the unknown type "F31"`},
		{"no shape", raw(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), `tensor "a": not a tensor's header: shape is missing`},
		{"null shape", raw(`{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, 4), `tensor "a" has the shape null, a scalar has []`},
		{"member in another case", raw(`{"a":{"dtype":"F32","Shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "a": not a tensor's header: shape is missing`},
		{"fraction as a dimension", raw(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`, 4), `tensor "a": not a tensor's header`},
		{"one offset", raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, 4), `tensor "a" has 1 data offsets, two are needed`},
		{"negative offset", raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 4), `tensor "a": not a tensor's header`},
		{"end before begin", raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), `tensor "a": data bytes 4 to 0 are not within the 4 of the file`},
		{"beyond the data", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 4), `tensor "a": data bytes 0 to 8 are not within the 4 of the file`},
		{"offsets that overflow", raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}}`, 4), `tensor "a": data bytes 0 to 18446744073709551615 are not within the 4 of the file`},
		{"shape too small", raw(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "a": 4 bytes do not make the shape [1] of F64`},
		{"shape too large", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), `tensor "a": 4 bytes do not make the shape [2] of F32`},
		{"negative dimension", raw(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4), `tensor "a": 4 bytes do not make the shape [-1 -1] of F32`},
		{"shape that overflows to its size", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), `tensor "a": 0 bytes do not make the shape [4294967296 4294967296] of U8`},
		{"overlap", raw(`{`+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6), `tensor "b" at data bytes 2 to 6 overlaps tensor "a", which ends at 4`},
		{"same place", raw(`{`+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "b" at data bytes 0 to 4 overlaps tensor "a", which ends at 4`},
		{"gap", raw(`{`+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[6,10]}}`, 10), `data bytes 4 to 6, before tensor "b", belong to no tensor`},
		{"data left over", raw(`{`+one+`}`, 9), "the last 5 data bytes belong to no tensor"},
		{"wrong checksum", raw(`{"__metadata__":{"dse.crc32c":"00000000"},`+one+`}`, 4), "the file says 00000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Read(c.b)
			if err == nil {
				t.Fatalf("read %+v", f)
			}
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %q, want %q", err, c.text)
			}
		})
	}
}

// No single flipped bit changes what is read, in the header or the data: it is noticed, or means
// the same (the case of a \u escape). Not so in the name of the checksum itself, for then the file
// has none.
func TestFlippedBitsAndCutsAreNoticed(t *testing.T) {
	good := encode(t, example())
	want, err := Read(good)
	if err != nil {
		t.Fatal(err)
	}
	key := bytes.Index(good, []byte(crcKey))
	for i := range 8 * len(good) {
		if i/8 >= key && i/8 < key+len(crcKey) {
			continue
		}
		b := bytes.Clone(good)
		b[i/8] ^= 1 << (i % 8)
		if got, err := Read(b); err == nil && !cmp.Equal(got, want) {
			t.Errorf("bit %d of byte %d (%q) changes the file unnoticed", i%8, i/8, good[i/8])
		}
	}
	for n := range good {
		if _, err := Read(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are read", n, len(good))
		}
	}
}

// A header that promises more than the file holds must be refused before anything is allocated
// for it.
func TestReadDoesNotTrustTheHeader(t *testing.T) {
	lying := [][]byte{
		binary.LittleEndian.AppendUint64(nil, maxHeader),
		raw(`{"a":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8000000000000]}}`, 8),
		raw(`{"a":{"dtype":"U8","shape":[0,9000000000000000000],"data_offsets":[0,0]}}`, 0),
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i, b := range lying {
		f, err := Read(b)
		if (err == nil) != (i == 2) {
			t.Errorf("file %d: %v, %v", i, f, err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<16 {
		t.Errorf("%d bytes allocated", n)
	}
}

// FuzzRead holds that no input makes Read panic, and that whatever it accepts is written in the
// canonical form and read back the same.
func FuzzRead(f *testing.F) {
	f.Add(encode(f, example()))
	f.Add(encode(f, &File{}))
	f.Add(raw(`{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 8))
	f.Add(raw(`{"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}`, 0))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("error %v is not marked as damage", err)
			}
			return
		}
		total := 0
		for i := range file.Tensors {
			tensor := &file.Tensors[i]
			if len(tensor.Data) != tensor.Elements()*tensor.DType.Size() {
				t.Fatalf("tensor %q: %d bytes for %v of %s", tensor.Name, len(tensor.Data), tensor.Shape, tensor.DType)
			}
			total += len(tensor.Data)
		}
		if total > len(b) {
			t.Fatalf("%d data bytes from a file of %d", total, len(b))
		}
		again, err := Read(encode(t, file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(file, again); diff != "" {
			t.Fatalf("-first +second:\n%s", diff)
		}
	})
}
