// Package gap9 compares the simulator with the latencies and energies that GreenWaves submitted for GAP9 to MLPerf
// Tiny: four networks at two clocks, with the widths of weights that GreenWaves chose.
package gap9

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"dse/accel/unit"
	"dse/models"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

// Validate compares with the rows of mlperf_tiny.csv that ran on GAP9's NE16: gap9_ms is the latency,
// gap9_uJ the energy.
func Validate(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "mlperf_tiny.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	latencies := agreement.New("mlperf_tiny", "gap9_ms")
	chips := map[float64]*inference.Chip{} // by clock
	err = table.Records(func(r agreement.Record) error {
		if !strings.HasPrefix(r.Text("accelerator"), "GAP9") {
			return nil
		}
		mhz, bits, ms := r.Float("clock_mhz"), r.Float("weight_bits"), r.Float("latency_ms")
		name := fmt.Sprintf("%s, %v bits, %v MHz", r.Text("benchmark"), bits, mhz)
		if mhz == 0 || bits == 0 || ms == 0 {
			latencies.Skip(name, "clock, weight bits or latency is not given")
			return nil
		}
		if chips[mhz] == nil {
			var err error
			if chips[mhz], err = inference.OnPreset("gap9-ne16", inference.AtClock(unit.Hertz(mhz*1e6))); err != nil {
				return r.Errorf("%v", err)
			}
		}
		i, err := chips[mhz].Network("mlperf-tiny-" + r.Text("benchmark"))
		if err != nil {
			latencies.Skip(name, err.Error())
			return nil
		}
		p := i.Network.Uniform(i.Network.PerTensor(), models.Width(bits), 8)
		ours, err := i.Latency(p)
		if err != nil {
			latencies.Skip(name, err.Error())
			return nil
		}
		latencies.AddMeasured(name, ours, ms, inference.NullNames(), i.NullLatencies(p))
		return nil
	})
	if err != nil {
		return nil, err
	}
	uJ, err := energies(table)
	return []agreement.Row{latencies.Row(), uJ}, err
}
