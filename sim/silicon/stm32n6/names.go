package stm32n6

import "dse/sim/silicon/inference"

// names gives the networks that the table calls by these words; an input size is appended.
var names = inference.Names{
	{Words: "st fdmobilenet", Network: "st-fdmobilenet"},
	{Words: "fdmobilenet 0.25", Network: "fdmobilenet-0.25"},
	{Words: "mobilenet v1 0.25", Network: "mobilenetv1-0.25"},
	{Words: "mobilenet v1 0.5", Network: "mobilenetv1-0.5"},
	{Words: "mobilenet v1 0.75", Network: "mobilenetv1-0.75"},
	{Words: "mobilenet v1 1.0", Network: "mobilenetv1-1.0"},
	{Words: "mobilenet v2 0.35", Network: "mobilenetv2-0.35"},
	{Words: "mobilenet v2 0.5", Network: "mobilenetv2-0.5"},
	{Words: "mobilenet v2 0.75", Network: "mobilenetv2-0.75"},
	{Words: "mobilenet v2 1.0", Network: "mobilenetv2-1.0"},
	{Words: "mobilenet v2 1.4", Network: "mobilenetv2-1.4"},
	{Words: "efficientnet v2 b 0", Network: "efficientnetv2-b0"},
	{Words: "efficientnet v2 b 1", Network: "efficientnetv2-b1"},
	{Words: "efficientnet v2 b 2", Network: "efficientnetv2-b2"},
	{Words: "efficientnet v2 b 3", Network: "efficientnetv2-b3"},
	{Words: "efficientnet v2 s", Network: "efficientnetv2-s"},
	{Words: "resnet18wd4", Network: "resnet18wd4"},
	{Words: "resnet 18 width", Network: "resnet18wd4"},
	{Words: "mnasnet d 050", Network: "mnasnet-0.5"},
	{Words: "mnasnet d 100", Network: "mnasnet-1.0"},
	{Words: "shufflenet v2 x 1.0", Network: "shufflenetv2-1.0"},
	{Words: "hardnet39ds", Network: "hardnet39ds"},
	{Words: "squeezenet v1.1", Network: "squeezenet1.1"},
	{Words: "squeezenet", Network: "squeezenet1.1"},
}
