package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/plotter"
)

func TestStairs(t *testing.T) {
	for _, c := range []struct {
		name  string
		front []mark
		want  plotter.XYs
	}{
		{"none", nil, nil},
		{"one", []mark{{x: 2, y: 80}}, plotter.XYs{{X: 2, Y: 80}, {X: 10, Y: 80}}},
		{"two", []mark{{x: 2, y: 80}, {x: 4, y: 90}}, plotter.XYs{{X: 2, Y: 80}, {X: 4, Y: 80}, {X: 4, Y: 90}, {X: 10, Y: 90}}},
		{"never down", []mark{{x: 2, y: 80}, {x: 3, y: 79}, {x: 4, y: 90}},
			plotter.XYs{{X: 2, Y: 80}, {X: 4, Y: 80}, {X: 4, Y: 90}, {X: 10, Y: 90}}},
	} {
		if diff := cmp.Diff(c.want, stairs(c.front, 10)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestChartPlacesBaselines(t *testing.T) {
	c := newChart(sample())
	names := func(ms []mark) []string { return mapped(ms, func(m mark) string { return m.name }) }
	// The front reaches from 17.7 to 38.5 kB and 84.02 to 90.87 %: float at 296 kB is beyond twice that,
	// 2 bit at 61 % below 91.62 - 3 * (91.62 - 84.02) = 68.8 %.
	if diff := cmp.Diff([][]string{{"float"}, {"homogeneous 2 bit"}, {"homogeneous 8 bit", "homogeneous 4 bit"}},
		[][]string{names(c.levels), names(c.sunken), names(c.baselines)}); diff != "" {
		t.Errorf("lines, sunken, points (-want +got):\n%s", diff)
	}
	for _, m := range append(append([]mark{}, c.front...), c.baselines...) {
		if m.x > c.right || m.y < c.bottom || m.y > c.top {
			t.Errorf("%s at %g kB, %g %% is outside 0..%g, %g..%g", m.name, m.x, m.y, c.right, c.bottom, c.top)
		}
	}
	for _, m := range c.levels {
		if m.y < c.bottom || m.y > c.top {
			t.Errorf("line of %s at %g %% is outside %g..%g", m.name, m.y, c.bottom, c.top)
		}
	}
}

func TestChartLeavesOutUnknown(t *testing.T) {
	r := sample()
	r.Front[0].Accuracy, r.Baselines[1].MemoryKB = Unknown, Value(math.Inf(1))
	c := newChart(r)
	if len(c.front) != 3 || len(c.baselines) != 1 {
		t.Errorf("%d designs and %d baselines are drawn, want 3 and 1", len(c.front), len(c.baselines))
	}
}

func TestChartWithoutFrontShowsBaselines(t *testing.T) {
	r := sample()
	r.Front = nil
	c := newChart(r)
	if len(c.levels) > 0 || len(c.baselines)+len(c.sunken) != 4 {
		t.Errorf("lines %v, points %v, sunken %v", c.levels, c.baselines, c.sunken)
	}
}

// chartCases are studies that must be drawn, however odd.
func chartCases() map[string]Results {
	one := Results{Front: sample().Front[:1]}
	zero := Results{Front: []Design{{Name: "a"}, {Name: "b"}}}
	return map[string]Results{"sample": sample(), "empty": {}, "one design": one, "all zero": zero,
		"baselines only": {Baselines: sample().Baselines}, "trials only": {Trials: sample().Trials[4:6]}}
}

func TestFrontSVG(t *testing.T) {
	for name, r := range chartCases() {
		t.Run(name, func(t *testing.T) {
			var a, b bytes.Buffer
			if err := errors.Join(WriteFrontSVG(&a, r), WriteFrontSVG(&b, r)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Error("two drawings differ")
			}
			text := a.String()
			for d := xml.NewDecoder(&a); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Error("the drawing contains numbers that are none")
			}
			if name == "sample" {
				for _, want := range []string{"edge-npu (estimated)", "homogeneous 4 bit<", "float: 91.62 %, 296 kB", "homogeneous 2 bit: 61.4 %", "% of test images"} {
					if !strings.Contains(text, want) {
						t.Errorf("the drawing lacks %q", want)
					}
				}
			}
		})
	}
}

func TestFrontPNG(t *testing.T) {
	for name, r := range chartCases() {
		t.Run(name, func(t *testing.T) {
			var a, b bytes.Buffer
			if err := errors.Join(WriteFrontPNG(&a, r), WriteFrontPNG(&b, r)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Error("two drawings differ")
			}
			img, err := png.Decode(&a)
			if err != nil {
				t.Fatal(err)
			}
			if size := img.Bounds().Size(); size.X != 800 || size.Y != 500 {
				t.Errorf("size %v, want 800 x 500", size)
			}
		})
	}
}

func TestRoundTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 79.3, "0 10 20 30 40 50 60 70"},
		{68, 92, "70 75 80 85 90"},
		{90.1, 91.3, "90.2 90.4 90.6 90.8 91.0 91.2"},
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
	} {
		var got []string
		for _, k := range (roundTicks{}).Ticks(c.low, c.high) {
			got = append(got, k.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%g..%g: %s, want %s", c.low, c.high, s, c.want)
		}
	}
}
