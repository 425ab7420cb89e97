#include "sensors/reading/avro.hpp"

namespace weather::sensors {

std::string_view reading_avro_schema() {
  return R"avro({"type":"record","name":"Reading","namespace":"weather.v1","doc":"One observation event of one sensor","fields":[
{"name":"id","type":"string","doc":"of the record, also in the header ce_id: a repeat has the same"},
{"name":"sensor_id","type":"string"},
{"name":"event_time","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null,"doc":"when measured"},
{"name":"received_time","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null,"doc":"when the gateway accepted it"},
{"name":"source_time","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null,"doc":"what the sensor said, where that could not be believed"},
{"name":"time_source","type":{"type":"enum","name":"TimeSource","symbols":["unknown","sensor","receiver","gateway","estimated"],"default":"unknown"}},
{"name":"clock_quality","type":{"type":"enum","name":"ClockQuality","symbols":["unknown","synchronised","unsynchronised","corrected","estimated"],"default":"unknown"}},
{"name":"gateway_id","type":"string"},
{"name":"sequence","type":"long"},
{"name":"source_sequence","type":["null","long"],"default":null,"doc":"the sensor's own counter"},
{"name":"summary_s","type":"int","default":0,"doc":"a summary of so many seconds, which end at event_time; 0: one reading"},
{"name":"flags","type":"int","default":0,"doc":"1 retained, 2 historical, 4 clock unsynchronised, 8 battery low, 16 decoded in part, 32 repeated, 64 simulated"},
{"name":"quantities","type":{"type":"array","items":{"type":"record","name":"Quantity","fields":[
{"name":"name","type":"string"},
{"name":"number","type":["null","double"],"default":null},
{"name":"integer","type":["null","long"],"default":null},
{"name":"boolean","type":["null","boolean"],"default":null},
{"name":"text","type":["null","string"],"default":null},
{"name":"unit","type":"string","default":"","doc":"UCUM; empty: the canonical unit of the quantity"},
{"name":"part","type":"string","default":"","doc":"sub-sensor"},
{"name":"stat","type":{"type":"enum","name":"Stat","symbols":["instant","mean","max","min","sum","counter"],"default":"instant"}},
{"name":"period_s","type":"int","default":0},
{"name":"quality","type":{"type":"enum","name":"Quality","symbols":["unchecked","good","doubtful","erroneous","missing"],"default":"unchecked"}},
{"name":"qc","type":"int","default":0,"doc":"checks that failed: 1 range, 2 step, 4 persistence, 8 consistency, 16 sentinel, 32 counter reset, 64 unit suspect"},
{"name":"src_field","type":"string","default":""},
{"name":"src_value","type":"double","default":0,"doc":"before conversion, in src_unit"},
{"name":"src_unit","type":"string","default":""}]}}},
{"name":"location","type":["null",{"type":"record","name":"Location","fields":[
{"name":"name","type":"string","default":""},
{"name":"latitude","type":["null","double"],"default":null},
{"name":"longitude","type":["null","double"],"default":null},
{"name":"altitude_m","type":["null","double"],"default":null}]}],"default":null},
{"name":"source","type":["null",{"type":"record","name":"Source","fields":[
{"name":"adapter","type":"string","default":""},
{"name":"address","type":"string","default":""},
{"name":"model","type":"string","default":""},
{"name":"firmware","type":"string","default":""},
{"name":"format_version","type":"string","default":""}]}],"default":null},
{"name":"link","type":["null",{"type":"record","name":"Link","fields":[
{"name":"rssi_dbm","type":["null","float"],"default":null},
{"name":"snr_db","type":["null","float"],"default":null},
{"name":"battery_v","type":["null","float"],"default":null},
{"name":"battery_ratio","type":["null","float"],"default":null},
{"name":"repeats","type":"int","default":0}]}],"default":null},
{"name":"arrival","type":["null",{"type":"record","name":"Arrival","fields":[
{"name":"source","type":"string","default":"","doc":"of the gateway's configuration"},
{"name":"topic","type":"string","default":"","doc":"MQTT topic, HTTP path, device"}]}],"default":null},
{"name":"labels","type":{"type":"map","values":"string"},"default":{}},
{"name":"headers","type":{"type":"map","values":"string"},"default":{}},
{"name":"extra_json","type":"string","default":"","doc":"what no quantity was made of, as one JSON object"},
{"name":"raw","type":["null","bytes"],"default":null},
{"name":"error","type":"string","default":""}]})avro";
}

}  // namespace weather::sensors
