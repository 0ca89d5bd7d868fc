package technology

import (
	"fmt"

	"dse/accel/technology"
	"dse/sim/agreement"
)

// cores compares the derived area of multipliers and convolution buffer with that of whole NVDLA cores, an
// estimate of its makers for two nodes. What the model does not derive is missing: control, the
// sequencers between buffer and multipliers, DMA, post-processing, wiring.
func cores(table *agreement.Table) ([]agreement.Row, error) {
	c := agreement.New(Source, "array and buffer of whole core, mm2")
	err := table.Records(func(r agreement.Record) error {
		for _, in := range []struct {
			column string
			nm     int
		}{{"area_mm2_28nm", 28}, {"area_mm2_16nm", 16}} {
			area := r.Float(in.column)
			if r.Text("kind") != "vendor_estimate" || area == 0 {
				continue
			}
			n, err := technology.At(in.nm, 0)
			if err != nil {
				return err
			}
			buffer := technology.RAM{Capacity: r.Float("cbuf_kb") * 8192, Banks: 16, Port: 512} // as nv_large
			array := float64(r.Int("int8_macs")) * float64(n.Area(technology.PE{Weight: 8, Activation: 8, Sum: 32}))
			c.Add(fmt.Sprintf("%s, %d nm", r.Text("config"), in.nm), array+float64(n.RAMArea(buffer)), area)
		}
		return nil
	})
	return []agreement.Row{c.Row()}, err
}
