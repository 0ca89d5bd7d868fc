package dram

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// run is one row of reference data: a device, what was asked of it, and what came of it.
type run struct {
	id, device   string
	load         Load
	bursts       int64
	keepsWrites  bool    // the last few writes were left in the buffer
	clocks       float64 // to the end of the last data
	latency      float64 // of reads, mean, in clocks
	latencyDigit float64 // half the last digit that is given
	activates    float64
	energy       float64 // pJ
}

// energyDigits is the relative error of an energy by the digits that the data gives, and by
// counting the background up to the last data rather than one clock on.
const energyDigits = 1e-4

// table is a CSV file with a header.
type table struct {
	path    string
	columns map[string]int
	rows    [][]string
}

func readTable(data fs.FS, path string) (*table, error) {
	f, err := data.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("%s: no rows below the header", path)
	}
	t := &table{path: path, columns: map[string]int{}, rows: all[1:]}
	for i, name := range all[0] {
		t.columns[name] = i
	}
	return t, nil
}

// line reads the fields of one row and keeps the first failure.
type line struct {
	t   *table
	i   int
	err error
}

func (l *line) text(column string) string {
	k, ok := l.t.columns[column]
	if !ok {
		l.fail(column, "there is no such column")
		return ""
	}
	return l.t.rows[l.i][k]
}

func (l *line) fail(column, why string) {
	if l.err == nil {
		l.err = fmt.Errorf("%s: row %d, column %s: %s", l.t.path, l.i+2, column, why)
	}
}

func (l *line) integer(column string) int64 {
	s := l.text(column)
	if s == "" {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 {
		l.fail(column, fmt.Sprintf("want a whole number that is not negative, got %q", s))
	}
	return v
}

func (l *line) number(column string) float64 {
	s := l.text(column)
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		l.fail(column, fmt.Sprintf("want a number, got %q", s))
	}
	return v
}

// readRuns reads the layout with one column per stream parameter: case_id, device; s1_ to s3_ op,
// base, row_bytes, stride, rows, chunk_bytes of the streams that are interleaved, or rnd_blocks,
// block_bytes, span_bytes, write_pct of a random load; max_outstanding_reads, rate_pct of the peak (0:
// as fast as possible); and the results cycles, avg_read_latency_cycles, act_cmds, total_energy_pj.
func readRuns(data fs.FS, path string) ([]run, error) {
	t, err := readTable(data, path)
	if err != nil {
		return nil, err
	}
	runs := make([]run, len(t.rows))
	for i := range t.rows {
		l := line{t: t, i: i}
		r := &runs[i]
		r.id, r.device = l.text("case_id"), l.text("device")
		r.clocks, r.energy = l.number("cycles"), l.number("total_energy_pj")
		r.latency, r.activates = l.number("avg_read_latency_cycles"), l.number("act_cmds")
		r.latencyDigit = 0.005 // eight digits, of latencies below 10,000
		r.bursts = l.integer("bursts")
		r.load.Outstanding = int(l.integer("max_outstanding_reads"))
		r.load.RatePercent = int(l.integer("rate_pct"))
		if l.text("rnd_blocks") != "" {
			r.load.Random = &Random{
				Blocks: int(l.integer("rnd_blocks")), BlockBytes: uint64(l.integer("rnd_block_bytes")),
				SpanBytes: uint64(l.integer("rnd_span_bytes")), WritePercent: int(l.integer("rnd_write_pct")),
				Numbers: Hashed,
			}
		} else {
			for _, k := range []string{"s1_", "s2_", "s3_"} {
				if l.text(k+"op") == "" {
					continue
				}
				r.load.Streams = append(r.load.Streams, Stream{
					Write: l.text(k+"op") == "W",
					Base:  uint64(l.integer(k + "base")), RowBytes: uint64(l.integer(k + "row_bytes")),
					Stride: uint64(l.integer(k + "stride")), Rows: int(l.integer(k + "rows")),
					ChunkBytes: uint64(l.integer(k + "chunk_bytes")),
				})
			}
		}
		if l.err != nil {
			return nil, l.err
		}
	}
	return runs, nil
}

// extraDevices gives the names of the second layout their devices.
var extraDevices = map[string]string{
	"lp4": "lpddr4_2400_2x16", "lp4s": "lpddr4_2400_x16", "lp4b": "lpddr4_2400_x16_banklo", "lp3": "lpddr3_1600_x32",
	"d4": "ddr4_2400_x64_2r_bghi", "d4g": "ddr4_2400_x64_2r_bglo", "d3": "ddr3_1600_x32",
}

// readExtraRuns reads the layout with all streams in one column, see parseStream. Its requester
// offers one burst per clock and channel, counts unacknowledged writes as outstanding, and does not
// wait for writes that the controller keeps back.
func readExtraRuns(data fs.FS, path string) ([]run, error) {
	t, err := readTable(data, path)
	if err != nil {
		return nil, err
	}
	runs := make([]run, len(t.rows))
	for i := range t.rows {
		l := line{t: t, i: i}
		r := &runs[i]
		r.id, r.device = l.text("case_id"), extraDevices[l.text("config")]
		d, err := Lookup(r.device)
		if err != nil {
			l.fail("config", fmt.Sprintf("unknown configuration %q", l.text("config")))
			return nil, l.err
		}
		burst := uint64(d.BurstBytes())
		r.clocks, r.energy = l.number("cycles"), l.number("e_total_pj")
		r.latency, r.activates, r.latencyDigit = l.number("mean_read_latency_cycles"), l.number("activates"), 0.0051
		r.bursts = l.integer("read_requests") + l.integer("write_requests")
		r.keepsWrites = true
		r.load.Outstanding = int(l.integer("max_outstanding"))
		r.load.PerChannel, r.load.CountWrites = true, true
		if rate := int(l.integer("rate_pct")); rate < 100 {
			r.load.RatePercent = rate
		}
		for _, text := range strings.Split(l.text("streams"), "|") {
			if err := parseStream(text, burst, &r.load); err != nil {
				l.fail("streams", err.Error())
			}
		}
		if l.err != nil {
			return nil, l.err
		}
	}
	return runs, nil
}

// parseStream reads "R:base:row:stride:rows:chunk", the same with W, or
// "X:base:span:n:run:writepct:seed".
func parseStream(text string, burst uint64, load *Load) error {
	parts := strings.Split(text, ":")
	if want := map[string]int{"R": 6, "W": 6, "X": 7}[parts[0]]; len(parts) != want || want == 0 {
		return fmt.Errorf("stream %q is none of R:base:row:stride:rows:chunk, W:... and X:base:span:n:run:writepct:seed", text)
	}
	var v [6]uint64
	for i, p := range parts[1:] {
		n, err := strconv.ParseUint(p, 10, 64)
		if err != nil {
			return fmt.Errorf("stream %q: %q is no whole number", text, p)
		}
		v[i] = n
	}
	if parts[0] == "X" {
		load.Random = &Random{
			Base: v[0], SpanBytes: v[1], Blocks: int((v[2] + v[3] - 1) / v[3]), BlockBytes: v[3] * burst,
			WritePercent: int(v[4]), Numbers: Sequence(v[5]),
		}
		return nil
	}
	load.Streams = append(load.Streams, Stream{
		Write: parts[0] == "W", Base: v[0], RowBytes: v[1], Stride: v[2], Rows: int(v[3]), ChunkBytes: v[4] * burst,
	})
	return nil
}
