package nvdla

import (
	"fmt"

	"dse/accel"
	"dse/accel/unit"
)

// designs are the sizes of NVDLA in its primer: kernels and channels multiplied at a time, of which the
// primer gives the product, as in the design of that size in spec/defs of github.com/nvdla/hw. Designs
// below 512 multipliers have the features of nv_small, the others those of nv_large.
var designs = []struct {
	macs, channels, kernels int
	preset                  string
}{
	{2048, 64, 32, "nvdla-large"},
	{1024, 32, 32, "nvdla-large"}, // nv_medium_1024_full
	{512, 32, 16, "nvdla-large"},  // nv_medium_512
	{256, 32, 8, "nvdla-small"},   // nv_small_256
	{128, 16, 8, "nvdla-small"},   // assumed
	{64, 8, 8, "nvdla-small"},     // nv_small
	{32, 8, 4, "nvdla-small"},     // assumed
}

// design returns the chip of a row of the primer: its multipliers, buffer, clock and bandwidth. Nothing but
// multipliers and DRAM takes time.
func design(macs, bufferKB int, clockMHz, gbPerSecond float64) (*accel.Accelerator, error) {
	for _, d := range designs {
		if d.macs != macs {
			continue
		}
		a, err := accel.Load(d.preset)
		if err != nil {
			return nil, err
		}
		if bufferKB < 1 || !(clockMHz > 0) || !(gbPerSecond > 0) {
			return nil, fmt.Errorf("a design of %d KB at %v MHz and %v GB/s", bufferKB, clockMHz, gbPerSecond)
		}
		a.Array.Rows, a.Array.Cols = d.channels, d.kernels
		a.Array.ChannelGranule = min(a.Array.ChannelGranule, d.kernels)
		a.Memories[0].Capacity = unit.Bytes(bufferKB) << 10
		a.Clock = unit.Hertz(clockMHz * 1e6)
		a.DRAM.Bandwidth, a.DRAM.Efficiency = unit.BytesPerSecond(gbPerSecond*1e9), 1
		return a, nil
	}
	return nil, fmt.Errorf("no design has %d multipliers", macs)
}
