package gap9

import (
	"strconv"
	"strings"

	"dse/models"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

// statedSupply is the core voltage, in mV, that the energies of the preset are meant for.
const statedSupply = 650

// calibration are the rows that fixed the preset's `technology.running`.
var calibration = map[string]bool{"gap9_650_240 ad": true, "gap9_650_240 kws": true}

// energies compares with the energies of an inference, measured for the whole chip: gap9_uJ. Rows that the
// preset was calibrated on are left out. A system is named by its millivolts and megahertz. Energy follows the square of the
// voltage; what runs along takes power in proportion to the clock, so that the clock does not matter.
//
// The null models take the latency of null models with the power of leakage and of what runs along, and
// each MAC at the preset's native energy.
func energies(table *agreement.Table) (agreement.Row, error) {
	energies := agreement.New("mlperf_tiny", "gap9_uJ")
	chip, err := inference.OnPreset("gap9-ne16", nil)
	if err != nil {
		return energies.Row(), err
	}
	err = table.Records(func(r agreement.Record) error {
		if !strings.HasPrefix(r.Text("accelerator"), "GAP9") {
			return nil
		}
		bits, measured := r.Float("weight_bits"), r.Float("energy_uJ")
		name := r.Text("system") + " " + r.Text("benchmark")
		if calibration[name] {
			return nil
		}
		supply, ok := millivolts(r.Text("system"))
		if !ok || bits == 0 || measured == 0 {
			energies.Skip(name, "voltage, weight bits or energy is not given")
			return nil
		}
		i, err := chip.Network("mlperf-tiny-" + r.Text("benchmark"))
		if err != nil {
			energies.Skip(name, err.Error())
			return nil
		}
		p := i.Network.Uniform(i.Network.PerTensor(), models.Width(bits), 8)
		scale := supply / statedSupply * supply / statedSupply
		ours, err := i.Energy(p)
		if err != nil {
			energies.Skip(name, err.Error())
			return nil
		}
		nulls := i.NullEnergies(p)
		for k := range nulls {
			nulls[k] *= scale
		}
		energies.AddMeasured(name, ours*scale, measured, inference.NullNames(), nulls)
		return nil
	})
	return energies.Row(), err
}

// millivolts reads the supply out of a system's name, such as gap9_650_240.
func millivolts(system string) (float64, bool) {
	parts := strings.Split(system, "_")
	if len(parts) != 3 || parts[0] != "gap9" {
		return 0, false
	}
	v, err := strconv.ParseFloat(parts[1], 64)
	return v, err == nil && v > 0
}
