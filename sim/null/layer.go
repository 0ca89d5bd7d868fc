package null

import (
	"dse/accel"
	"dse/models"
)

// LayerCycles returns what each model predicts for a weighted layer by itself, with tensors of the given
// width in bits, in core cycles of the accelerator.
func LayerCycles(a *accel.Accelerator, l *models.Layer, width int) [Models]float64 {
	peak := float64(l.MACs()) / float64(a.Array.Rows*a.Array.Cols*a.Array.Positions.Count())
	tiled := steps(a.Array, l)
	bits := float64(width) * float64(l.In.Elements()+l.WeightElements()+l.Out.Elements())
	perCycle := 8 * float64(a.DRAM.Bandwidth) * a.DRAM.Efficiency / float64(a.Clock)
	return [Models]float64{peak, tiled, tiled + bits/perCycle}
}
