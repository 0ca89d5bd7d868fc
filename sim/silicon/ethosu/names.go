package ethosu

import "dse/sim/silicon/inference"

// names gives the networks that the table calls by these words.
var names = inference.Names{
	{Words: "tiny wav2letter", Network: "tiny-wav2letter"},
	{Words: "wav2letter", Network: "wav2letter"},
	{Words: "rnnoise", Network: "rnnoise"},
	{Words: "yolo fastest 192 face", Network: "yolo-fastest-192-face-v4"},
	{Words: "yolo fastest face", Network: "yolo-fastest-192-face-v4"},
	{Words: "yolo fastest 192 v4", Network: "yolo-fastest-192-face-v4"},
	{Words: "micronet vww 4", Network: "micronet-vww-4"},
	{Words: "micronet ad"}, {Words: "micronet anomaly"}, // not one of those for keywords
	{Words: "micronet kws small", Network: "micronet-kws-small"},
	{Words: "micronet kws s", Network: "micronet-kws-small"},
	{Words: "micronet kws medium", Network: "micronet-kws-medium"},
	{Words: "micronet kws m", Network: "micronet-kws-medium"},
	{Words: "micronet medium", Network: "micronet-kws-medium"},
	{Words: "micronet kws large", Network: "micronet-kws-large"},
	{Words: "micronet kws l", Network: "micronet-kws-large"},
	{Words: "micronet large", Network: "micronet-kws-large"},
	{Words: "person detection", Network: "person-detection"},
	{Words: "person detect", Network: "person-detection"},
	{Words: "ds cnn small", Network: "ds-cnn-small"},
	{Words: "ds cnn medium", Network: "ds-cnn-medium"},
	{Words: "ds cnn large", Network: "ds-cnn-large"},
	{Words: "mobilenet v2 0.35 224", Network: "mobilenetv2-0.35-224"},
	{Words: "mobilenet v2 1.0 224", Network: "mobilenetv2-1.0-224"},
	{Words: "mobilenet v2 224", Network: "mobilenetv2-1.0-224"},
	{Words: "mobilenet v1 0.25 224", Network: "mobilenetv1-0.25-224"},
	{Words: "mobilenet v1 1.0 224", Network: "mobilenetv1-1.0-224"},
	{Words: "mobilenet v1 0.5 224", Network: "mobilenetv1-0.5-224"},
	{Words: "mobilenet v1 224", Network: "mobilenetv1-1.0-224"},
	{Words: "mlperf vww", Network: "mlperf-tiny-vww"},
	{Words: "mlperf kws", Network: "mlperf-tiny-kws"},
	{Words: "mlperf ic", Network: "mlperf-tiny-ic"},
	{Words: "mlperf ad", Network: "mlperf-tiny-ad"},
	{Words: "resnet 8", Network: "mlperf-tiny-ic"},
	{Words: "resnet 18", Network: "resnet18-224"},
	{Words: "resnet 50", Network: "resnet50-224"},
}
