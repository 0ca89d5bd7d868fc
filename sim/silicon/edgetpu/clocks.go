package edgetpu

import (
	"errors"
	"io/fs"
	"strings"

	"dse/accel"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

// clocks prices networks at both clocks of edge_tpu_two_clocks.csv.
type clocks struct{ full, half *inference.Chip }

func newClocks() (c clocks, err error) {
	if c.full, err = inference.OnPreset("edge-tpu-coral", nil); err != nil {
		return c, err
	}
	c.half, err = inference.OnPreset("edge-tpu-coral", func(a *accel.Accelerator) { inference.AtClock(a.Clock / 2)(a) })
	return c, err
}

func validateClocks(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "edge_tpu_two_clocks.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := newClocks()
	if err != nil {
		return nil, err
	}
	halves, wholes := agreement.New(source, "half_clock_ms"), agreement.New(source, "full_clock_ms")
	measured := map[string][]float64{} // ms at the full clock, by model
	err = table.Records(func(r agreement.Record) error {
		model, mode, ms := r.Text("model"), r.Text("mode"), r.Float("latency_accelerator_ms")
		i, err := find(c.full, model, "")
		switch {
		case err != nil:
			halves.Skip(model+", "+mode, err.Error())
		case strings.HasPrefix(mode, "full"):
			measured[model] = append(measured[model], ms)
			wholes.AddMeasured(model, i.EightBits().Latency.Milliseconds(), ms, inference.NullNames(), i.NullLatencies(i.Eight()))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = table.Records(func(r agreement.Record) error {
		model := r.Text("model")
		if _, err := find(c.full, model, ""); err != nil || !strings.HasPrefix(r.Text("mode"), "half") {
			return nil
		}
		if measured[model] == nil {
			halves.Skip(model, "there is no row at the full clock")
			return nil
		}
		ours, nulls, err := c.slower(model, mean(measured[model]))
		if err != nil {
			return r.Errorf("%v", err)
		}
		halves.AddMeasured(model, ours, r.Float("latency_accelerator_ms"), inference.NullNames(), nulls)
		return nil
	})
	return []agreement.Row{halves.Row(), wholes.Row()}, err
}

// slower predicts the latency of a model at half the clock from that at the full clock: by the time
// that the simulator, or a null model, adds when the clock is halved.
func (c clocks) slower(model string, full float64) (ours float64, nulls []float64, err error) {
	fast, err := find(c.full, model, "")
	if err != nil {
		return 0, nil, err
	}
	slow, err := find(c.half, model, "")
	if err != nil {
		return 0, nil, err
	}
	nulls = slow.NullLatencies(slow.Eight())
	for k, v := range fast.NullLatencies(fast.Eight()) {
		nulls[k] += full - v
	}
	return full + slow.EightBits().Latency.Milliseconds() - fast.EightBits().Latency.Milliseconds(), nulls, nil
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
