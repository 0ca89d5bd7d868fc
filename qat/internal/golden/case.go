package golden

import (
	"encoding/json"
	"slices"
	"testing"

	"dse/qat/checkpoint"
)

// Case is one reference computation, together with the subtest it is checked in.
type Case struct {
	*testing.T
	record *record
	data   map[string]*checkpoint.Tensor
	seen   map[string]bool // keys read, compared or named with Elsewhere
}

// ID returns the name of the case: "quantizer_07".
func (c *Case) ID() string { return c.record.ID }

// Attrs decodes the attributes of the case into dst, a pointer to a struct with json tags. What
// the struct does not name is left out: attributes that only explain, such as formulas. The test
// must fail on values that it does not know.
func (c *Case) Attrs(dst any) {
	c.Helper()
	if err := json.Unmarshal(c.record.Attrs, dst); err != nil {
		c.Fatalf("attrs: %v", err)
	}
}

// OneOf fails the case if the value of the attribute called name is none of the known ones.
func (c *Case) OneOf(name, value string, known ...string) {
	c.Helper()
	if !slices.Contains(known, value) {
		c.Fatalf("unknown value %q of attribute %s, known are %q", value, name, known)
	}
}

// Tensors returns the arrays of the case in the order of the index.
func (c *Case) Tensors() []Tensor { return c.record.Tensors }

// Keys returns the keys of the arrays with the role, in the order of the index.
func (c *Case) Keys(role string) []string {
	var keys []string
	for _, t := range c.record.Tensors {
		if t.Role == role {
			keys = append(keys, t.Key)
		}
	}
	return keys
}

// Has says whether the case has the array.
func (c *Case) Has(key string) bool {
	return slices.ContainsFunc(c.record.Tensors, func(t Tensor) bool { return t.Key == key })
}

// Shape returns the shape of an array, empty for a scalar.
func (c *Case) Shape(key string) []int {
	c.Helper()
	return c.tensor(key).Shape
}

// Float32s returns an input, which is stored in float32.
func (c *Case) Float32s(key string) []float32 {
	c.Helper()
	v, err := c.tensor(key).Float32s()
	if err != nil {
		c.Fatal(err)
	}
	c.seen[key] = true
	return v
}

// Int64s returns an array of integers.
func (c *Case) Int64s(key string) []int64 {
	c.Helper()
	v, err := c.tensor(key).Int64s()
	if err != nil {
		c.Fatal(err)
	}
	c.seen[key] = true
	return v
}

// Float64s returns an array of any type in float64.
func (c *Case) Float64s(key string) []float64 {
	c.Helper()
	t := c.tensor(key)
	switch t.DType {
	case checkpoint.F32:
		return widen(c.Float32s(key))
	case checkpoint.I64:
		return widen(c.Int64s(key))
	}
	v, err := t.Float64s()
	if err != nil {
		c.Fatal(err)
	}
	c.seen[key] = true
	return v
}

// Scalar returns the only element of an array of any type.
func (c *Case) Scalar(key string) float64 {
	c.Helper()
	v := c.Float64s(key)
	if len(v) != 1 {
		c.Fatalf("%s has %d elements, not one", key, len(v))
	}
	return v[0]
}

// Elsewhere names outputs that another test compares.
func (c *Case) Elsewhere(keys ...string) {
	for _, k := range keys {
		c.seen[k] = true
	}
}

// tensor returns the stored array and fails the case if it is not as the index says.
func (c *Case) tensor(key string) *checkpoint.Tensor {
	c.Helper()
	i := slices.IndexFunc(c.record.Tensors, func(t Tensor) bool { return t.Key == key })
	if i < 0 {
		c.Fatalf("the case has no %s", key)
	}
	want := c.record.Tensors[i]
	t := c.data[c.record.ID+"/"+key]
	if t == nil {
		c.Fatalf("%s has no tensor %s/%s", c.record.File, c.record.ID, key)
	}
	if t.DType != want.DType || !slices.Equal(t.Shape, want.Shape) {
		c.Fatalf("%s is %s %v in the file and %s %v in the index", key, t.DType, t.Shape, want.DType, want.Shape)
	}
	return t
}

func widen[N float32 | int64](v []N) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
