package sim

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"dse/accel"
	"dse/models"
	"dse/sim/mapper"
)

func mustMap(t testing.TB, s *Simulator, o mapper.Objective, threads int, p *models.Precision) *Result {
	t.Helper()
	m, err := s.NewMapper(o, threads)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(s.network); err != nil {
		t.Fatal(err)
	}
	return r
}

// Mapped results obey the conservation laws, name a mapping for each layer with weights, and the fixed rule
// of Run does not undercut the bound.
func TestMappedNetworks(t *testing.T) {
	n := micro(t)
	unrolled := edge()
	unrolled.Array.Dataflow, unrolled.Array.Positions = accel.Unrolled, accel.Positions{Height: 2, Width: 2}
	for _, a := range []*accel.Accelerator{edge(), split(), layered(), unrolled} {
		s := mustNew(t, a, n)
		for _, bits := range [][2]models.Width{{8, 8}, {4, 8}, {3, 5}} {
			p := n.Uniform(n.PerTensor(), bits[0], bits[1])
			fixed := mustRun(t, s, p)
			for o := range mapper.Objective(4) {
				r := mustMap(t, s, o, 1, p)
				for i := range r.Layers {
					l := &r.Layers[i]
					if (l.Mapped != nil) != (l.MACs > 0) {
						t.Errorf("%s, %v: layer %s has the mapping %v", a.Name, o, l.Name, l.Mapped)
					}
					if l.Mapped == nil {
						continue
					}
					if l.Mapped.Gap < 0 || l.Mapped.Evaluated < 1 {
						t.Errorf("%s, %v: layer %s: %+v", a.Name, o, l.Name, *l.Mapped)
					}
					if o == mapper.Latency && float64(fixed.Layers[i].Cycles) < l.Mapped.Bound*(1-1e-9) {
						t.Errorf("%s: layer %s takes %v cycles by the fixed rule, the bound is %v", a.Name, l.Name, fixed.Layers[i].Cycles, l.Mapped.Bound)
					}
				}
			}
		}
	}
}

// On every preset that the mapper knows, mapped networks obey the conservation laws and the fixed rule does
// not undercut the bound; on the others the error names the key that it does not know.
func TestMapperOnPresets(t *testing.T) {
	refused := map[string]string{
		"ethos-u55-128": "array.block_channels", "ethos-u55-256": "array.block_channels", "ethos-u65-512": "array.block_channels",
		"eyeriss-v1": "not row-stationary", "nvdla-large": "array.channel_granule", "nvdla-small": "array.channel_granule",
		"edge-tpu-coral": "array.block_channels", "edge-tpu-dev-board": "array.block_channels", "stm32n6": "memories[0].transient", "gap9-ne16": "array.block_channels",
	}
	names := []string{"mobilenetv2-micro", "resnet8", "mobilenetv2-1.0-224"}
	for _, preset := range accel.Presets() {
		a, err := accel.Load(preset)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			n, err := models.Build(name)
			if err != nil {
				t.Fatal(err)
			}
			s := mustNew(t, a, n)
			m, err := s.NewMapper(mapper.Latency, 0)
			if want := refused[preset]; want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: error %v, want %q", preset, err, want)
				}
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			p := n.Uniform(n.PerTensor(), 8, 8)
			r, err := m.Run(p)
			if err != nil {
				t.Errorf("%s, %s: %v", preset, name, err)
				continue
			}
			if err := r.Check(n); err != nil {
				t.Errorf("%s, %s: %v", preset, name, err)
			}
			fixed := mustRun(t, s, p)
			for i := range r.Layers {
				if l := &r.Layers[i]; l.Mapped != nil && float64(fixed.Layers[i].Cycles) < l.Mapped.Bound*(1-1e-9) {
					t.Errorf("%s, %s: layer %s takes %v cycles by the fixed rule, the bound is %v", preset, name, l.Name, fixed.Layers[i].Cycles, l.Mapped.Bound)
				}
			}
		}
	}
}

// Each part of the cost is priced twice: by the mapper, which compares mappings, and by the simulator, which
// reports causes. Both agree.
func TestMapperAndSimulatorAgree(t *testing.T) {
	n := micro(t)
	for _, a := range []*accel.Accelerator{edge(), split(), layered()} {
		s := mustNew(t, a, n)
		m, err := s.NewMapper(mapper.Latency, 1)
		if err != nil {
			t.Fatal(err)
		}
		st := s.scratch.Get().(*state)
		if err := s.load(st, n.Uniform(n.PerTensor(), 4, 8)); err != nil {
			t.Fatal(err)
		}
		found, err := m.search(st)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.steps {
			if s.steps[i].site < 0 {
				continue
			}
			s.adopt(st, i, &found[i])
			name := s.steps[i].layer.Name
			if got, want := float64(st.out.time.Total()), found[i].Cost.Cycles; math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s: layer %s: parts sum to %v cycles, the mapper has %v", a.Name, name, got, want)
			}
			if got, want := float64(st.out.energy.Total()), found[i].Cost.Energy; math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s: layer %s: parts sum to %v pJ, the mapper has %v", a.Name, name, got, want)
			}
		}
	}
}

func TestMapperIsDeterministic(t *testing.T) {
	n := large(t)
	s := mustNew(t, edge(), n)
	p := n.Uniform(n.PerTensor(), 4, 8)
	want := mustMap(t, s, mapper.EDP, 1, p)
	for _, threads := range []int{2, 5, 0} {
		if got := mustMap(t, s, mapper.EDP, threads, p); !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads give another result", threads)
		}
	}
	m, err := s.NewMapper(mapper.EDP, 2)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from the cache
		if got, err := m.Run(p); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("a remembered result differs (%v)", err)
		}
	}
}

// A given mapping is used for its layer, and for no other.
func TestGivenMappings(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	m, err := s.NewMapper(mapper.Latency, 2)
	if err != nil {
		t.Fatal(err)
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	free, err := m.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	given, err := mapper.Parse("Q1 P7 K16 C8")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Give(map[string]mapper.Mapping{"head": given}); err != nil {
		t.Fatal(err)
	}
	r, err := m.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Layers {
		got, want := &r.Layers[i], &free.Layers[i]
		if got.Name == "head" {
			if got.Mapped.Loops != given.String() || got.Cycles <= want.Cycles || got.Mapped.Bound != want.Mapped.Bound {
				t.Errorf("%+v in %v cycles, best %+v in %v", *got.Mapped, got.Cycles, *want.Mapped, want.Cycles)
			}
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("layer %s changed", got.Name)
		}
	}
	if err := m.Give(map[string]mapper.Mapping{"pool": given}); err == nil || !strings.Contains(err.Error(), `no layer "pool" with weights`) {
		t.Errorf("error %v", err)
	}
	given.Step[mapper.Q] = 99
	if err := m.Give(map[string]mapper.Mapping{"head": given}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Run(p); err == nil || !strings.Contains(err.Error(), "layer head: mapping Q99 P7 K16 C8: Q steps by 99") {
		t.Errorf("error %v", err)
	}
}

func TestMapperRefuses(t *testing.T) {
	a := edge()
	a.Array.Dataflow = accel.OutputStationary
	if _, err := mustNew(t, a, micro(t)).NewMapper(mapper.Latency, 1); err == nil || !strings.Contains(err.Error(), "output-stationary") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkMapper(b *testing.B) {
	n := large(b)
	s, err := New(edge(), n)
	if err != nil {
		b.Fatal(err)
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			m, err := s.NewMapper(mapper.Latency, 1)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := m.Run(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("warm", func(b *testing.B) {
		m, err := s.NewMapper(mapper.Latency, 1)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := m.Run(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
