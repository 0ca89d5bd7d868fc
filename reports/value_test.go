package reports

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestValueJSON(t *testing.T) {
	for _, c := range []struct {
		name string
		v    Value
		json string
	}{
		{"zero", 0, "0"},
		{"figure", 88.31, "88.31"},
		{"unknown", Unknown, "null"},
		{"infinite", Value(math.Inf(1)), "null"},
		{"negative infinite", Value(math.Inf(-1)), "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := json.Marshal(c.v)
			if err != nil || string(b) != c.json {
				t.Fatalf("Marshal = %s, %v, want %s", b, err, c.json)
			}
			var back Value
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatal(err)
			}
			if c.v.Known() && back != c.v || !c.v.Known() && back.Known() {
				t.Errorf("%v comes back as %v", c.v, back)
			}
		})
	}
	var v Value
	if err := json.Unmarshal([]byte(`"88"`), &v); err == nil {
		t.Error("a string was read as a figure")
	}
}

func TestValueJSONKeepsAllDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Value(rapid.Float64().Draw(t, "v"))
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back Value
		if err := json.Unmarshal(b, &back); err != nil || v.Known() && back != v {
			t.Fatalf("%v comes back as %v, %v", v, back, err)
		}
	})
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		name   string
		column []Value
		want   int
	}{
		{"hundreds", []Value{250, 100}, 0},
		{"smallest decides", []Value{295.7, 17.7}, 1},
		{"ones", []Value{1.84, 9}, 2},
		{"tenths", []Value{0.2761, 1.8437}, 3},
		{"no more than four", []Value{1e-9}, 4},
		{"zeros do not count", []Value{0, 152}, 0},
		{"unknown ones do not count", []Value{Unknown, 15.2}, 1},
		{"sign does not count", []Value{-15.2}, 1},
		{"nothing known", []Value{Unknown}, 0},
	} {
		if got := decimals(c.column); got != c.want {
			t.Errorf("%s: decimals(%v) = %d, want %d", c.name, c.column, got, c.want)
		}
	}
}

func TestValueText(t *testing.T) {
	for _, c := range []struct {
		v     Value
		fixed string
		exact string
	}{
		{21.568, "21.57", "21.568"}, {0, "0.00", "0"}, {Unknown, "–", ""}, {Value(math.Inf(1)), "–", ""},
	} {
		if got := c.v.fixed(2); got != c.fixed {
			t.Errorf("%v.fixed(2) = %q, want %q", c.v, got, c.fixed)
		}
		if got := c.v.exact(); got != c.exact {
			t.Errorf("%v.exact() = %q, want %q", c.v, got, c.exact)
		}
	}
}
