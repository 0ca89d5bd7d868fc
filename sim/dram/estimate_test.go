package dram

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestEstimateOfUnseenLoads compares the closed form with the event-driven model on loads that
// neither was made for: tiles of any width and stride, alone or with weights and results, on all
// devices.
func TestEstimateOfUnseenLoads(t *testing.T) {
	src := rand.New(rand.NewPCG(3, 1))
	var sum, bias float64
	const loads = 300
	for range loads {
		d := catalogue[src.IntN(len(catalogue))]
		l := Load{Outstanding: 4 + src.IntN(40)}
		for k := range 1 + src.IntN(3) {
			rowBytes := uint64(16 + src.IntN(2000))
			l.Streams = append(l.Streams, Stream{
				Write: k > 0 && src.IntN(3) == 0, Base: uint64(src.IntN(1 << 28)), RowBytes: rowBytes,
				Stride: rowBytes + uint64(src.IntN(1<<15)), Rows: 1 + 200000/int(rowBytes), ChunkBytes: 32 << src.IntN(7),
			})
		}
		want := New(&d, Hooks{}).Play(l.Source(&d), l.Pace(&d))
		got := NewEstimator(&d).Estimate(&l)
		if got.Requests != want.Requests || got.Reads+got.Writes != got.Requests {
			t.Errorf("%d requests, want %d", got.Requests, want.Requests)
		}
		e := float64(got.Clocks)/float64(want.Clocks) - 1
		sum, bias = sum+math.Abs(e), bias+e
	}
	mape, mean := 100*sum/loads, 100*bias/loads
	t.Logf("MAPE %.2f %%, bias %+.2f %% on %d loads", mape, mean, loads)
	if mape > 10 || math.Abs(mean) > 6 {
		t.Errorf("MAPE %.2f %%, bias %+.2f %%, want at most 10 %% and 6 %%", mape, mean)
	}
}

// TestEstimateByHand has the closed form agree to the clock with instants worked out by hand, where
// nothing is reordered and nothing sampled. The first five are those of TestByHand.
func TestEstimateByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		load   Load
		clocks Clocks
	}{
		{"one read", Load{Streams: []Stream{{RowBytes: 32, Rows: 1}}}, 66},
		{"one write", Load{Streams: []Stream{{Write: true, RowBytes: 32, Rows: 1}}}, 52},
		{"a row hit", Load{Streams: []Stream{{RowBytes: 64, Rows: 1}}}, 74},
		{"two banks", Load{Streams: []Stream{{RowBytes: 32, Stride: 2048, Rows: 2}}}, 82},
		{"a row conflict", Load{Streams: []Stream{{RowBytes: 32, Stride: 8 * 2048, Rows: 2}}}, 163},
		{"a row", Load{Streams: []Stream{{RowBytes: 2048, Rows: 1}}, Outstanding: 32}, 1 + 29 + 28 + 64*8},                       // bus
		{"one bank", Load{Streams: []Stream{{RowBytes: 32, Stride: 8 * 2048, Rows: 20}}}, 66 + 19*97},                            // nRC
		{"a tenth of the peak", Load{Streams: []Stream{{RowBytes: 640, Rows: 1}}, RatePercent: 10}, 19*80 + 37},                  // pace
		{"one in flight", Load{Streams: []Stream{{RowBytes: 2048, Rows: 1}}, Outstanding: 1}, 66 + 63*38},                        // nRL + nBL + 2
		{"one refresh", Load{Streams: []Stream{{RowBytes: 800 * 32, Rows: 1}}, Outstanding: 32}, 58 + 6400 + 12 + 29 + 448 + 29}, // bus, refresh
		{"nothing", Load{}, 0},
	} {
		d := device(t, "lpddr4_3200_x16")
		if got := NewEstimator(&d).Estimate(&c.load).Clocks; got != c.clocks {
			t.Errorf("%s: %d clocks, want %d", c.name, got, c.clocks)
		}
	}
}

// TestEstimateIsBounded: the expense of an estimate does not grow with the load, and the result
// does so in proportion.
func TestEstimateIsBounded(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	e := NewEstimator(&d)
	per := func(rows int) float64 {
		l := Load{Streams: []Stream{{RowBytes: 256, Stride: 3136, Rows: rows}}, Outstanding: 32}
		s := e.Estimate(&l)
		if got := e.x.counted.requests; got > 2*stretches*(stretchLength+warmUp) {
			t.Errorf("%v requests were followed for %d", got, s.Requests)
		}
		return float64(s.Clocks) / float64(s.Requests)
	}
	short, long := per(1<<12), per(1<<26)
	if math.Abs(long/short-1) > 0.05 {
		t.Errorf("%.3f clocks per burst of a long stream, %.3f of a short one", long, short)
	}
}

// BenchmarkEstimate reports the time of one estimate of a long load of three streams.
func BenchmarkEstimate(b *testing.B) {
	d, err := Lookup("lpddr4_3200_x16")
	if err != nil {
		b.Fatal(err)
	}
	l := Load{Streams: []Stream{
		{RowBytes: 1 << 20, Rows: 1, ChunkBytes: 256}, {Base: 1 << 25, RowBytes: 256, Stride: 3136, Rows: 4096, ChunkBytes: 256},
		{Write: true, Base: 1 << 26, RowBytes: 1 << 20, Rows: 1, ChunkBytes: 256},
	}, Outstanding: 32}
	e := NewEstimator(&d)
	b.ReportAllocs()
	for b.Loop() {
		e.Estimate(&l)
	}
}
