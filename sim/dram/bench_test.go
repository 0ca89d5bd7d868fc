package dram

import "testing"

// BenchmarkPlay reports the speed of the event-driven model in requests and events a second.
func BenchmarkPlay(b *testing.B) {
	reading := func(rowBytes, stride uint64, rows int) Stream {
		return Stream{RowBytes: rowBytes, Stride: stride, Rows: rows, ChunkBytes: 256}
	}
	writing := Stream{Write: true, Base: 1 << 26, RowBytes: 1 << 17, Rows: 1, ChunkBytes: 256}
	weights := Stream{Base: 1 << 25, RowBytes: 1 << 17, Rows: 1, ChunkBytes: 256}
	for _, c := range []struct {
		name, device string
		load         Load
	}{
		{"sequential", "lpddr4_3200_x16", Load{Streams: []Stream{reading(1<<18, 0, 1)}, Outstanding: 32}},
		{"tiles", "lpddr4_3200_x16", Load{Streams: []Stream{reading(256, 3136, 1024)}, Outstanding: 32}},
		{"one bank", "lpddr4_3200_x16", Load{Streams: []Stream{reading(64, 16384, 4096)}, Outstanding: 32}},
		{"weights, tiles, results", "lpddr4_3200_x16", Load{Streams: []Stream{weights, reading(256, 3136, 512), writing}, Outstanding: 32}},
		{"two channels", "lpddr4_3200_2x16", Load{Streams: []Stream{weights, reading(256, 3136, 512), writing}, Outstanding: 32}},
		{"random", "ddr4_2400_x16_bglo", Load{Random: &Random{SpanBytes: 1 << 26, Blocks: 8192, BlockBytes: 16, WritePercent: 30, Numbers: Hashed}, Outstanding: 32}},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, err := Lookup(c.device)
			if err != nil {
				b.Fatal(err)
			}
			m := New(&d, Hooks{})
			src := record(c.load.Source(&d))
			var requests, events int64
			b.ReportAllocs()
			for b.Loop() {
				m.Reset()
				src.at = 0
				s := m.Play(src, c.load.Pace(&d))
				requests, events = requests+s.Requests, events+s.Events()
			}
			b.ReportMetric(float64(requests)/b.Elapsed().Seconds()/1e6, "Mreq/s")
			b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}

// recorded yields requests made beforehand, so that a benchmark times the memory alone.
type recorded struct {
	all []Request
	at  int
}

func record(src Source) *recorded {
	var r recorded
	var buf [256]Request
	for n := src.Fill(buf[:]); n > 0; n = src.Fill(buf[:]) {
		r.all = append(r.all, buf[:n]...)
	}
	return &r
}

// Fill implements Source.
func (r *recorded) Fill(buf []Request) int {
	n := copy(buf, r.all[r.at:])
	r.at += n
	return n
}
