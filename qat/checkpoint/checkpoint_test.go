package checkpoint

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// example has one tensor of each type, an empty one and metadata.
func example() *File {
	return &File{
		Meta: map[string]string{"phase": "2", "note": "a \"b\" <c> \u2028 ü"},
		Tensors: []Tensor{
			FromFloat32s("stem.weight", []float32{1, -2.5, 3, 4, 5, 6}, 2, 3),
			FromInt64s("step", []int64{-7}),
			FromFloat64s("accuracy", []float64{0.1, 0.2}),
			FromFloat32s("empty", nil, 0, 3),
			{Name: "config", DType: U8, Shape: []int{3}, Data: []byte("abc")},
			{Name: "scalar", DType: F32, Shape: []int{}, Data: []byte{0, 0, 128, 63}},
		},
	}
}

func encode(t testing.TB, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	f := example()
	got, err := Read(encode(t, f))
	if err != nil {
		t.Fatal(err)
	}
	f.Tensors = f.sorted()
	if diff := cmp.Diff(f, got); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	w := got.Tensor("stem.weight")
	if v, err := w.Float32s(); err != nil || !cmp.Equal(v, []float32{1, -2.5, 3, 4, 5, 6}) || w.Elements() != 6 {
		t.Errorf("stem.weight = %v of %d, %v", v, w.Elements(), err)
	}
	if v, err := got.Tensor("accuracy").Float64s(); err != nil || !cmp.Equal(v, []float64{0.1, 0.2}) {
		t.Errorf("accuracy = %v, %v", v, err)
	}
	if v, err := got.Tensor("step").Int64s(); err != nil || !cmp.Equal(v, []int64{-7}) {
		t.Errorf("step = %v, %v", v, err)
	}
	if v, err := got.Tensor("scalar").Float32s(); err != nil || !cmp.Equal(v, []float32{1}) {
		t.Errorf("scalar = %v, %v", v, err)
	}
	if got.Tensor("nothing") != nil {
		t.Error("found a tensor that is not there")
	}
	dst := make([]float32, 6)
	if err := w.CopyFloat32s(dst); err != nil || dst[1] != -2.5 {
		t.Errorf("copied %v, %v", dst, err)
	}
}

// The bytes are the format's, spelled out; they depend on neither the order of the tensors nor
// that of the metadata. The checksum is the CRC-32C of the canonical header without it and the data,
// computed with an independent implementation.
func TestCanonicalBytes(t *testing.T) {
	header := `{"__metadata__":{"a":"1","b":"2","dse.crc32c":"f400f854"},` +
		`"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"y":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(raw(header, 0), 0, 0, 128, 63, 0, 0, 0, 192, 5, 0, 0, 0, 0, 0, 0, 0)
	x, y := FromFloat32s("x", []float32{1, -2}, 1, 2), FromInt64s("y", []int64{5})
	for _, tensors := range [][]Tensor{{x, y}, {y, x}} {
		got := encode(t, &File{Meta: map[string]string{"b": "2", "a": "1"}, Tensors: tensors})
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// What is written is read, whatever the names, shapes and bytes.
func TestRoundTripOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &File{}
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID[string]).Draw(t, "names")
		for _, name := range names {
			if name == metaName {
				continue
			}
			d := rapid.SampledFrom([]DType{F32, F64, I64, U8, "BF16"}).Draw(t, "dtype")
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			n, _ := elements(shape)
			data := rapid.SliceOfN(rapid.Byte(), n*d.Size(), n*d.Size()).Draw(t, "data")
			f.Tensors = append(f.Tensors, Tensor{Name: name, DType: d, Shape: shape, Data: data})
		}
		meta := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "meta")
		delete(meta, crcKey)
		if len(meta) > 0 {
			f.Meta = meta
		}
		var b bytes.Buffer
		if err := Write(&b, f); err != nil {
			t.Fatal(err)
		}
		got, err := Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		want := &File{Meta: f.Meta, Tensors: f.sorted()}
		if len(want.Tensors) == 0 {
			want.Tensors = []Tensor{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-written +read:\n%s", diff)
		}
	})
}

func TestWriteErrors(t *testing.T) {
	v := func(name string) Tensor { return FromFloat32s(name, []float32{1}) }
	for _, c := range []struct {
		name string
		f    File
		text string
	}{
		{"reserved name", File{Tensors: []Tensor{v("__metadata__")}}, `tensor name "__metadata__" is reserved`},
		{"reserved key", File{Meta: map[string]string{"dse.crc32c": ""}}, `metadata key "dse.crc32c" is reserved`},
		{"one name twice", File{Tensors: []Tensor{v("a"), v("b"), v("a")}}, `two tensors are named "a"`},
		{"name not text", File{Tensors: []Tensor{v("a\xff")}}, `tensor name "a\xff" is not UTF-8`},
		{"metadata not text", File{Meta: map[string]string{"k": "\xff"}}, `metadata "k": "\xff" is not UTF-8`},
		{"unknown type", File{Tensors: []Tensor{{Name: "a", DType: "F31"}}}, `tensor "a" has the unknown type "F31"`},
		{"shape too large", File{Tensors: []Tensor{{Name: "a", DType: F32, Shape: []int{2}, Data: make([]byte, 4)}}}, `tensor "a": 4 bytes do not make the shape [2] of F32`},
		{"part of an element", File{Tensors: []Tensor{{Name: "a", DType: F32, Shape: []int{1}, Data: make([]byte, 5)}}}, `tensor "a": 5 bytes do not make the shape [1] of F32`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, &c.f); err == nil || err.Error() != c.text {
				t.Errorf("error %v, want %q", err, c.text)
			}
			if b.Len() != 0 {
				t.Errorf("%d bytes were written", b.Len())
			}
		})
	}
}

func TestAccessorErrors(t *testing.T) {
	x, n := FromFloat32s("x", []float32{1, 2}), FromInt64s("n", []int64{1})
	for _, c := range []struct {
		call func() error
		text string
	}{
		{func() error { _, err := n.Float32s(); return err }, `tensor "n" holds I64, F32 is needed`},
		{func() error { return n.CopyFloat32s(nil) }, `tensor "n" holds I64, F32 is needed`},
		{func() error { _, err := x.Float64s(); return err }, `tensor "x" holds F32, F64 is needed`},
		{func() error { _, err := x.Int64s(); return err }, `tensor "x" holds F32, I64 is needed`},
		{func() error { return x.CopyFloat32s(make([]float32, 3)) }, `tensor "x" has 2 elements, 3 are needed`},
	} {
		t.Run(c.text, func(t *testing.T) {
			if err := c.call(); err == nil || err.Error() != c.text {
				t.Errorf("error %v", err)
			}
		})
	}
	defer func() {
		if got := recover(); got != "checkpoint: shape does not fit the values" {
			t.Errorf("panic %v", got)
		}
	}()
	FromFloat32s("x", []float32{1, 2, 3}, 2, 2)
}
