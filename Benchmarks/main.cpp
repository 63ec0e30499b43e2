// SPDX-License-Identifier: MIT
#include <sched.h>
#include <string>

#include "rows.hpp"

static void add(const char *p_row, const Implementation &p_implementation, Work p_work,
                Transport p_transport, bool p_latency) {
    const char *transport = p_transport == Transport::tcp ? "_tcp/" : "_uds/";
    const std::string name = std::string(p_row) + transport + p_implementation.name;
    auto *row = benchmark::RegisterBenchmark(name.c_str(), p_work, p_transport);
    if (p_latency) {
        row->UseRealTime(); // else what the work costs this processor, without waiting
    }
}

int main(int argc, char **argv) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    for (const Implementation *each : {&limit, &core}) {
        for (const Transport transport : {Transport::tcp, Transport::uds}) {
            add("get_u32", *each, each->get_u32, transport, false);
            add("put_u32", *each, each->put_u32, transport, false);
            add("ping_pong", *each, each->ping_pong, transport, true);
            add("bulk_in", *each, each->bulk_in, transport, false);
            add("bulk_out", *each, each->bulk_out, transport, false);
        }
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
