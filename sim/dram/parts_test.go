package dram

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

const referenceDir = "../testdata/reference/dram"

// TestPartsAgainstEffectiveValues compares our devices, and the spacings that our rules make of
// them, with the values that the reference simulator enforced, energies included.
func TestPartsAgainstEffectiveValues(t *testing.T) {
	table, err := readTable(os.DirFS(referenceDir), "devices_effective.csv")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for i := range table.rows {
		l := line{t: table, i: i}
		parameter := l.text("parameter")
		for _, name := range []string{"lpddr4_3200_x16", "lpddr4_3200_2x16", "lpddr4_2400_x16", "lpddr3_1600_x32", "ddr4_2400_x16_bglo", "ddr4_2400_x16_bghi"} {
			d := device(t, name)
			got, ok := effective(&d, parameter)
			if !ok {
				continue
			}
			checked++
			if text, isText := got.(string); isText {
				if text != l.text(name) {
					t.Errorf("%s of %s: %s, want %s", parameter, name, text, l.text(name))
				}
				continue
			}
			if want := l.number(name); math.Abs(got.(float64)-want) > 1e-4*math.Max(1, want) {
				t.Errorf("%s of %s: %v, want %v", parameter, name, got, want)
			}
		}
		if l.err != nil {
			t.Fatal(l.err)
		}
	}
	if checked < 6*50 {
		t.Errorf("only %d values were compared", checked)
	}
}

// effective returns a parameter of the reference's table as a device of ours has it.
func effective(d *Device, parameter string) (any, bool) {
	n, e := &d.Timing, d.Energy()
	s := newSpacing(d)
	// after sends a command to bank 0 and returns how long another has to wait.
	after := func(before, next Command, bank int) float64 {
		s.reset()
		s.issue(before, 0, 0)
		return float64(s.earliest(next, bank))
	}
	group, other := 1, d.BanksPerGroup%d.Banks() // banks of the same and of another group
	if d.Groups == 1 {
		other = 2
	}
	whole := map[string]int{
		"channels": d.Channels, "ranks": d.Ranks, "devices_per_rank": d.BusWidth / d.ChipWidth,
		"bankgroups": d.Groups, "banks_per_group": d.BanksPerGroup, "banks_total": d.Banks(),
		"rows": d.Rows, "columns": d.Columns, "device_width": d.ChipWidth, "bus_width": d.BusWidth, "BL": d.BurstLength,
		"burst_bytes": int(d.BurstBytes()), "row_bytes_per_bank": int(d.RowBytes()),
		"channel_size":   int(d.Capacity()) / d.Channels >> 20,
		"cmd_queue_size": d.Policy.BankQueue, "max_trans_reads": d.Policy.ReadQueue, "write_buffer": d.Policy.WriteBuffer,
	}
	clocks := map[string]Clocks{
		"burst_cycles": n[NBL], "CL": n[NRL], "CWL": n[NWL], "tRCD": n[NRCD], "tRP": n[NRP], "tRAS": n[NRAS],
		"tRC": n[NRAS] + n[NRP], "tRTP": n[NRTP], "tWR": n[NWR], "tRRD_S": n[NRRDS], "tRRD_L": n[NRRDL], "tFAW": n[NFAW],
		"tCCD_S": n[NCCDS], "tCCD_L": n[NCCDL], "tWTR_S": n[NWTRS], "tWTR_L": n[NWTRL], "tRTRS": n[NRTRS],
		"tPPD": n[NPPD], "tRFC": n[NRFC], "tREFI": n[NREFI],
	}
	real := map[string]float64{
		"tCK": float64(d.Clock) / 1000, "peak_gbps": float64(d.Peak()) / 1e9, "VDD": d.Current.Volts,
		"IDD0": d.Current.IDD0, "IDD2N": d.Current.IDD2N, "IDD3N": d.Current.IDD3N,
		"IDD4R": d.Current.IDD4R, "IDD4W": d.Current.IDD4W, "IDD5AB": d.Current.IDD5,
		"e_act_pj": float64(e.Activate), "e_read_burst_pj": float64(e.Read), "e_write_burst_pj": float64(e.Write),
		"e_refresh_pj": float64(e.Refresh), "e_active_cycle_pj": float64(e.ActiveClock), "e_idle_cycle_pj": float64(e.IdleClock),
		"eff_col_col_same_bg": after(RD, RD, group), "eff_col_col_other_bg": after(WR, WR, other),
		"eff_act_act_same_bg": after(ACT, ACT, group), "eff_act_act_other_bg": after(ACT, ACT, other),
		"eff_pre_pre": after(PRE, PRE, group), "eff_read_to_pre": after(RD, PRE, 0), "eff_write_to_pre": after(WR, PRE, 0),
		"eff_read_to_write": after(RD, WR, group), "eff_write_to_read_same_bg": after(WR, RD, group),
		"eff_write_to_read_other_bg": after(WR, RD, other),
	}
	if v, ok := whole[parameter]; ok {
		return float64(v), true
	}
	if v, ok := clocks[parameter]; ok {
		return float64(v), true
	}
	if v, ok := real[parameter]; ok {
		return v, true
	}
	if parameter == "address_mapping" {
		return d.Mapping, true
	}
	return nil, false
}

// TestPartsAgainstSecondSet does the same for the devices of the second set, whose table also gives
// the places of the address fields.
func TestPartsAgainstSecondSet(t *testing.T) {
	table, err := readTable(os.DirFS(referenceDir), "extra/devices.csv")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for i := range table.rows {
		l := line{t: table, i: i}
		parameter := l.text("parameter")
		for config, name := range extraDevices {
			d := device(t, name)
			x, err := newDecoder(&d)
			if err != nil {
				t.Fatal(err)
			}
			fields := map[string]field{"ch": x.chn, "ra": x.rank, "bg": x.group, "ba": x.bank, "co": x.col, "ro": x.row}
			var got float64
			switch f, kind, _ := strings.Cut(parameter, "_"); {
			case kind == "pos" && fields[f].width > 0:
				got = float64(fields[f].shift)
			case kind == "mask":
				got = float64(uint64(1)<<fields[f].width - 1)
			case kind == "cycles":
				v, ok := effective(&d, f)
				if !ok {
					continue
				}
				got = v.(float64)
			default:
				v, ok := effective(&d, map[string]string{
					"burst_bytes": "burst_bytes", "row_bytes": "row_bytes_per_bank", "tCK_ns": "tCK", "peak_GBps": "peak_gbps",
					"e_activate_pj": "e_act_pj", "e_read_burst_pj": "e_read_burst_pj", "e_write_burst_pj": "e_write_burst_pj",
					"e_refresh_pj": "e_refresh_pj", "e_active_standby_pj_per_cycle_per_rank": "e_active_cycle_pj",
					"e_precharge_standby_pj_per_cycle_per_rank": "e_idle_cycle_pj", "ranks": "ranks", "devices_per_rank": "devices_per_rank",
				}[parameter])
				if !ok {
					continue
				}
				got = v.(float64)
			}
			checked++
			want, err := strconv.ParseFloat(l.text(config), 64)
			if err != nil || math.Abs(got-want) > 1e-4*math.Max(1, want) {
				t.Errorf("%s of %s: %v, want %s", parameter, config, got, l.text(config))
			}
		}
		if l.err != nil {
			t.Fatal(l.err)
		}
	}
	if checked < 7*30 {
		t.Errorf("only %d values were compared", checked)
	}
}

func TestCatalogue(t *testing.T) {
	for _, name := range Names() {
		d := device(t, name)
		if err := d.Check(); err != nil {
			t.Error(err)
		}
		if d.Source == "" {
			t.Errorf("%s does not name its source", name)
		}
	}
	_, err := Lookup("lpddr9")
	if err == nil || !strings.Contains(err.Error(), `"lpddr9"`) || !strings.Contains(err.Error(), "lpddr4_3200_x16") {
		t.Errorf("Lookup of an unknown device: %v", err)
	}
}
