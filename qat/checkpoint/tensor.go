package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// DType is the type of a tensor's elements, by its safetensors name.
type DType string

// The types with accessors of their own. Tensors of the format's other types are read and written
// as bytes.
const (
	F32 DType = "F32"
	F64 DType = "F64"
	I64 DType = "I64"
	U8  DType = "U8"
)

// Size returns the bytes of one element, 0 for a type that the format does not have.
func (d DType) Size() int {
	switch d {
	case "BOOL", U8, "I8", "F8_E5M2", "F8_E4M3":
		return 1
	case "I16", "U16", "F16", "BF16":
		return 2
	case "I32", "U32", F32:
		return 4
	case I64, "U64", F64:
		return 8
	}
	return 0
}

// Tensor is one named array. Data holds the elements in row-major order, little-endian.
type Tensor struct {
	Name  string
	DType DType
	// Shape is empty for a scalar.
	Shape []int
	Data  []byte
}

// FromFloat32s returns a copy of v as an F32 tensor. Without a shape it is a vector.
func FromFloat32s(name string, v []float32, shape ...int) Tensor {
	t := newTensor(name, F32, len(v), shape)
	for i, x := range v {
		binary.LittleEndian.PutUint32(t.Data[4*i:], math.Float32bits(x))
	}
	return t
}

// FromFloat64s returns a copy of v as an F64 tensor. Without a shape it is a vector.
func FromFloat64s(name string, v []float64, shape ...int) Tensor {
	t := newTensor(name, F64, len(v), shape)
	for i, x := range v {
		binary.LittleEndian.PutUint64(t.Data[8*i:], math.Float64bits(x))
	}
	return t
}

// FromInt64s returns a copy of v as an I64 tensor. Without a shape it is a vector.
func FromInt64s(name string, v []int64, shape ...int) Tensor {
	t := newTensor(name, I64, len(v), shape)
	for i, x := range v {
		binary.LittleEndian.PutUint64(t.Data[8*i:], uint64(x))
	}
	return t
}

func newTensor(name string, d DType, n int, shape []int) Tensor {
	if len(shape) == 0 {
		shape = []int{n}
	}
	if e, ok := elements(shape); !ok || e != n {
		panic("checkpoint: shape does not fit the values")
	}
	return Tensor{Name: name, DType: d, Shape: slices.Clone(shape), Data: make([]byte, n*d.Size())}
}

// Elements returns the number of elements.
func (t *Tensor) Elements() int {
	n, _ := elements(t.Shape)
	return n
}

// elements multiplies the dimensions. ok is false if one is negative or the product overflows.
func elements(shape []int) (n int, ok bool) {
	n, zero := 1, false
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			zero = true
		case n > math.MaxInt/d:
			return 0, false
		default:
			n *= d
		}
	}
	if zero {
		return 0, true
	}
	return n, true
}

// Float32s returns the elements of an F32 tensor.
func (t *Tensor) Float32s() ([]float32, error) {
	if err := t.want(F32); err != nil {
		return nil, err
	}
	v := make([]float32, len(t.Data)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return v, nil
}

// CopyFloat32s writes the elements of an F32 tensor to dst, which must have as many.
func (t *Tensor) CopyFloat32s(dst []float32) error {
	if err := t.want(F32); err != nil {
		return err
	}
	if len(dst) != len(t.Data)/4 {
		return fmt.Errorf("tensor %q has %d elements, %d are needed", t.Name, len(t.Data)/4, len(dst))
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return nil
}

// Float64s returns the elements of an F64 tensor.
func (t *Tensor) Float64s() ([]float64, error) {
	if err := t.want(F64); err != nil {
		return nil, err
	}
	v := make([]float64, len(t.Data)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:]))
	}
	return v, nil
}

// Int64s returns the elements of an I64 tensor.
func (t *Tensor) Int64s() ([]int64, error) {
	if err := t.want(I64); err != nil {
		return nil, err
	}
	v := make([]int64, len(t.Data)/8)
	for i := range v {
		v[i] = int64(binary.LittleEndian.Uint64(t.Data[8*i:]))
	}
	return v, nil
}

func (t *Tensor) want(d DType) error {
	if t.DType != d {
		return fmt.Errorf("tensor %q holds %s, %s is needed", t.Name, t.DType, d)
	}
	return nil
}
