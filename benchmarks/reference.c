/*
 * The reference network (networks/reference.yaml) written out by hand in C: docs/model.md without whatever this
 * network does not use, and without the record of every day. benchmarks/limit.py writes reference.h (the numbers
 * of the network, keys and tables of the random numbers) and compiles this file.
 *
 *     -DWIDTH=1     one replication at a time
 *     -DWIDTH=32    32 replications side by side, innermost in every array
 *     -DPLAN_EACH   planned usage, and what follows from it, for each replication, as a program must that knows
 *                   uncertain inputs; else once for all of them
 *
 *     program REPLICATIONS FIRST END SHARE LIST
 *
 * simulates both twins of each replication and adds up what each stream sells from day FIRST up to, not including,
 * day END. With SHARE 1 the days before the ban are simulated once for both twins, with 0 for each. It prints the
 * seconds taken and both twins' revenue; with LIST 1 also, for each replication and twin, each stream's units.
 *
 * Numbers are added in the order of the engine, so that both give the same to the last bit.
 */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reference.h"

#ifndef WIDTH
#define WIDTH 1
#endif
#define EACH for (int b = 0; b < WIDTH; b++)
#define FOR(row, start, i) for (int row = start[i]; row < start[(i) + 1]; row++)

/* Planned figures: one row for each replication, or one number for all. */
#ifdef PLAN_EACH
#define PLANS WIDTH
#define OF(b) (b)
#else
#define PLANS 1
#define OF(b) 0
#endif
#define EACH_PLAN for (int p = 0; p < PLANS; p++)

typedef double row[WIDTH];
typedef int days_row[WIDTH];
typedef double planned_row[PLANS];

/* ---------------------------------------------------------------- random numbers: sim/engines/random.py */

static inline uint64_t squares64(uint64_t counter, uint64_t key)
{
    uint64_t y = counter * key, z = y + key, x = y * y + y;
    x = x >> 32 | x << 32;
    x = x * x + z;
    x = x >> 32 | x << 32;
    x = x * x + y;
    x = x >> 32 | x << 32;
    uint64_t t = x * x + z;
    x = t >> 32 | t << 32;
    return t ^ (x * x + y) >> 32;
}

static inline double uniform(uint64_t bits) { return (double)(int64_t)(bits >> 11) * 0x1p-53; }

static inline double candidate(uint64_t bits)
{
    return (double)(((int64_t)bits >> 20) * 2 + 1) * 0x1p-44 * EDGE[bits & 255];
}

static inline bool within(double x, uint64_t bits) { return fabs(x) < EDGE[(bits & 255) + 1]; }

static inline double above(uint64_t bits) { return (double)((int64_t)(bits >> 8 & 4095) + 1) * 0x1p-12; }

static double standard_normal(uint64_t *counter, uint64_t key)
{
    for (;;) {
        uint64_t bits = squares64((*counter)++, key);
        double x = candidate(bits);
        int layer = bits & 255;
        if (within(x, bits))
            return x;
        if (layer == 0)
            for (;;) {
                double beyond = -log(1.0 - uniform(squares64(*counter, key))) / RIGHTMOST;
                double height = -log(1.0 - uniform(squares64(*counter + 1, key)));
                *counter += 2;
                if (height + height >= beyond * beyond)
                    return copysign(RIGHTMOST + beyond, x);
            }
        double share = uniform(squares64((*counter)++, key));
        if (DENSITY[layer] + share * (DENSITY[layer + 1] - DENSITY[layer]) < exp(-0.5 * x * x))
            return x;
    }
}

static inline bool squeezed(double x, double t, uint64_t bits)
{
    double excess = x * x * (t * t) * (1.0 - 1.4 * (t < 0.0 ? t : 0.0));
    return (t >= -0.5) & (excess < 12.0 * (1.0 - above(bits)));
}

/* A standard gamma number of a shape of 1 or more, d = shape - 1/3, unless its first word decided. */
static double gamma_in_full(double d, uint64_t counter, uint64_t key)
{
    for (;;) {
        uint64_t bits = squares64(counter, key);
        double x = standard_normal(&counter, key), t = x / (3.0 * sqrt(d));
        if (t <= -1.0)
            continue;
        double gamma = d * ((1.0 + t) * (1.0 + t) * (1.0 + t));
        if (squeezed(x, t, bits))
            return gamma;
        double u = (double)(int64_t)(bits >> 8 & 4095) + uniform(squares64(counter++, key));
        if (log(u * 0x1p-12) <= d * (3.0 * (log1p(t) - t) + t * t * (1.5 - t)))
            return gamma;
    }
}

static double inverted_poisson(double mean, double term, double u)
{
    double k = 0.0, total = term;
    while (total <= u) {
        k += 1.0;
        term *= mean / k;
        if (total + term == total && k > mean)
            break;
        total += term;
    }
    return k;
}

/* ---------------------------------------------------------------- planned figures */

/* Of one day: mean demand and what its draw needs (Marsaglia and Tsang's d and sqrt(9 d)), usage, and order-up-to
 * levels. */
struct plan {
    planned_row mean[STREAMS];
    planned_row chance_of_none[STREAMS];
    planned_row shape[STREAMS];
    planned_row scale[STREAMS];
    planned_row usage[POINTS];
    planned_row up_to[POINTS];
};

static struct {
    planned_row level[STREAMS];
    planned_row level_ahead[STREAMS];
    planned_row demand[STREAMS];
    planned_row usage[POINTS][SLOTS_AHEAD];
    planned_row cumulative[POINTS][SLOTS_AHEAD];
} planning;

static void plan_demand(planned_row *level, planned_row *demand, int day)
{
    for (int d = 0; d < STREAMS; d++)
        EACH_PLAN {
            if (day > 0)
                level[d][p] *= DAILY_GROWTH[d];
            demand[d][p] = MEAN_PER_DAY[d] * level[d][p] * SEASON[d][MONTH[day]];
        }
}

static void plan_usage(int day)
{
    int now = day % SLOTS_AHEAD, after = (day + 1) % SLOTS_AHEAD;
    for (int i = PRODUCTS + COMPONENTS - 1; i >= 0; i--) {
        int n = i < COMPONENTS ? COMPONENT[i] : PRODUCT[i - COMPONENTS];
        planned_row usage = {0.0};
        FOR(r, STREAMS_START, n) EACH_PLAN usage[p] += planning.demand[STREAM[r]][p];
        FOR(r, USES_START, n)
            EACH_PLAN usage[p] += planning.usage[EDGE_MADE[USE[r]]][now][p] * EDGE_UNITS[USE[r]];
        EACH_PLAN {
            planning.usage[n][now][p] = usage[p];
            planning.cumulative[n][after][p] = planning.cumulative[n][now][p] + usage[p];
        }
    }
}

static void plan_day(struct plan *plan, int day)
{
    if (day == 0) {
        memset(&planning, 0, sizeof planning);
        for (int d = 0; d < STREAMS; d++)
            EACH_PLAN planning.level[d][p] = planning.level_ahead[d][p] = 1.0;
    }
    for (int later = day == 0 ? 0 : day + DAYS_AHEAD - 1; later < day + DAYS_AHEAD; later++) {
        plan_demand(planning.level_ahead, planning.demand, later);
        plan_usage(later);
    }
    plan_demand(planning.level, plan->mean, day);
    for (int d = 0; d < STREAMS; d++)
        EACH_PLAN {
            if (IS_POISSON[d])
                plan->chance_of_none[d][p] = exp(-plan->mean[d][p]);
            else
                plan->shape[d][p] = plan->mean[d][p] / DISPERSION[d] - 1.0 / 3.0;
            plan->scale[d][p] = 3.0 * sqrt(plan->shape[d][p]);
        }
    int today = day % SLOTS_AHEAD;
    for (int i = 0; i < PRODUCTS + COMPONENTS; i++) {
        int n = i < COMPONENTS ? COMPONENT[i] : PRODUCT[i - COMPONENTS];
        double until = day + COVER_DAYS[n];
        int whole = (int)until;
        planned_row *cumulative = planning.cumulative[n];
        EACH_PLAN {
            double here = cumulative[whole % SLOTS_AHEAD][p], next = cumulative[(whole + 1) % SLOTS_AHEAD][p];
            plan->up_to[n][p] = UNITS[n] + ((next - here) * (until - whole) + here - cumulative[today][p]);
            plan->usage[n][p] = planning.usage[n][today][p];
        }
    }
}

/* ---------------------------------------------------------------- what both twins draw */

static row demand[STREAMS] __attribute__((aligned(64)));
static days_row travel_days[LANES];

static void draw_demand(const struct plan *plan, uint64_t counter)
{
    uint64_t bits[WIDTH];
    for (int d = 0; d < STREAMS; d++) {
        uint64_t key = DEMAND_KEY[d];
        EACH bits[b] = squares64(counter + ((uint64_t)b << 32), key);
        if (IS_POISSON[d]) {
            EACH demand[d][b] =
                inverted_poisson(plan->mean[d][OF(b)], plan->chance_of_none[d][OF(b)], uniform(bits[b]));
            continue;
        }
        EACH {
            double shape = plan->shape[d][OF(b)], x = candidate(bits[b]), t = x / plan->scale[d][OF(b)];
            double gamma = shape * ((1.0 + t) * (1.0 + t) * (1.0 + t));
            demand[d][b] = within(x, bits[b]) & squeezed(x, t, bits[b]) ? gamma : NAN;
        }
        EACH if (isnan(demand[d][b])) {
            demand[d][b] = gamma_in_full(plan->shape[d][OF(b)], counter + ((uint64_t)b << 32), key);
        }
        EACH demand[d][b] *= DISPERSION[d];
    }
}

static void draw_travel_days(uint64_t counter, int day)
{
    for (int e = 0; e < LANES; e++) {
        if (QUALIFIED_DAY[e] > day)
            continue;
        const double *cumulative = CUMULATIVE + CUMULATIVE_START[e];
        const int *guide = GUIDE + GUIDE_START[e];
        int last = CUMULATIVE_START[e + 1] - CUMULATIVE_START[e] - 1;
        int steps = GUIDE_START[e + 1] - GUIDE_START[e];
        double u[WIDTH];
        EACH u[b] = uniform(squares64(counter + ((uint64_t)b << 32), LEAD_TIME_KEY[e]));
        EACH {
            int k = guide[(int)(u[b] * steps)];
            while (k < last && cumulative[k] < u[b])
                k++;
            travel_days[e][b] = SHORTEST_DAYS[e] + k;
        }
    }
}

/* ---------------------------------------------------------------- a twin */

struct twin {
    row on_hand[POINTS];
    row waiting[POINTS];
    row in_process[POINTS];
    days_row last_completion[POINTS];
    row backlog[LANES];
    row in_transit[LANES];
    row allowance[LANES];
    days_row last_arrival[LANES];
    row unserved[STREAMS];
    row sold[STREAMS];
    row transit[TRANSIT_SLOTS][LANES];
    row work[WORK_SLOTS][POINTS];
    double open_share[LANES];
    double level[LANES];
    bool has_ban;
};

static struct twin scenario __attribute__((aligned(64))), counterfactual __attribute__((aligned(64)));

static inline double least(double x, double y) { return y < x ? y : x; }
static inline double most(double x, double y) { return y > x ? y : x; }
static inline double order_up_to(double stock, double owed, double position, double up_to)
{
    double gap = up_to - position;
    return gap > NOISE * (stock + owed + up_to) ? gap : 0.0;
}

/* The share `claim` of `before`, of which `left` is left. */
static inline double granted(double need, double total, double before, double left)
{
    double grant = total <= before ? need : before * (need / total);
    return least(least(grant, left), need);
}

static void begin(struct twin *twin, bool has_ban)
{
    memset(twin, 0, sizeof *twin);
    twin->has_ban = has_ban;
    for (int e = 0; e < LANES; e++)
        twin->open_share[e] = 1.0;
}

/* Phase 0: what the ban and the substitutes' ramps make of the lanes today. */
static void set_conditions(struct twin *twin, const struct plan *plan, int day)
{
    for (int e = 0; e < LANES; e++) {
        twin->level[e] = 1.0;
        if (QUALIFIED_DAY[e] >= 0) {
            double since = day - QUALIFIED_DAY[e];
            double ramp = since >= RAMP_DAYS[e] ? 1.0 : since / RAMP_DAYS[e];
            twin->level[e] = !twin->has_ban || since < 0.0 ? 0.0 : ramp;
        }
        if (!IS_BANNED[e])
            continue;
        bool banned = twin->has_ban && BAN_START <= day && day < BAN_END;
        double before = twin->open_share[e], now = banned ? SUBSIDIARY_SHARE[e] : 1.0;
        double lost = now < before ? 1.0 - now / before : 0.0;
        twin->open_share[e] = now;
        if (lost > 0.0)
            EACH twin->backlog[e][b] -= twin->backlog[e][b] * lost;
        if (0.0 < now && now < 1.0)
            EACH twin->allowance[e][b] += now * (VOLUME_SHARE[e] * plan->usage[BUYER[e]][OF(b)]);
        else if (now != before)
            EACH twin->allowance[e][b] = 0.0;
    }
}

static inline double lane_capacity(const struct twin *twin, int e, double usage)
{
    return CAPACITY_SHARE[e] * usage * twin->level[e];
}

/* ---------------------------------------------------------------- phase 2: orders */

static void order_product(struct twin *twin, const struct plan *plan, int n, int day)
{
    const double *finished = twin->work[day % WORK_SLOTS][n];
    row owed = {0.0}, position, stock;
    FOR(r, STREAMS_START, n) EACH owed[b] += twin->unserved[STREAM[r]][b];
    EACH {
        stock[b] = twin->on_hand[n][b] + (twin->waiting[n][b] + twin->in_process[n][b]);
        position[b] = stock[b] - owed[b];
    }
    bool leaves = false;
    EACH leaves |= owed[b] > twin->on_hand[n][b] + finished[b];
    if (leaves)
        EACH {
            double available = twin->on_hand[n][b] + finished[b], leaving = 0.0;
            FOR(r, STREAMS_START, n) leaving += twin->unserved[STREAM[r]][b] * LEAVING_SHARE[STREAM[r]];
            position[b] += owed[b] > available ? leaving * (1.0 - available / owed[b]) : 0.0;
        }
    EACH twin->waiting[n][b] += order_up_to(stock[b], owed[b], position[b], plan->up_to[n][OF(b)]);
}

static void split(struct twin *twin, const struct plan *plan, const int *lanes, int count, row quantity)
{
    row room[MOST_INBOUND], taken[MOST_INBOUND] = {{0.0}}, total, overflow;
    for (int i = 0; i < count; i++) {
        int e = lanes[i];
        EACH room[i][b] = INFINITY;
        if (CAPACITY_SHARE[e] < INFINITY)
            EACH room[i][b] = most(0.0, lane_capacity(twin, e, plan->usage[BUYER[e]][OF(b)]) - twin->backlog[e][b]);
        if (twin->open_share[e] < 1.0)
            EACH room[i][b] = least(room[i][b], twin->allowance[e][b]);
    }
    for (int pass = 0; pass < count; pass++) {
        bool is_left = false;
        EACH total[b] = overflow[b] = 0.0;
        for (int i = 0; i < count; i++)
            EACH total[b] += room[i][b] > taken[i][b] ? SHARE[lanes[i]] : 0.0;
        for (int i = 0; i < count; i++)
            EACH {
                bool takes = room[i][b] > taken[i][b];
                double offered = takes ? quantity[b] * (SHARE[lanes[i]] / total[b]) : 0.0;
                double accepted = takes ? least(offered, room[i][b] - taken[i][b]) : 0.0;
                taken[i][b] += accepted;
                overflow[b] += offered - accepted;
            }
        EACH {
            quantity[b] = overflow[b];
            is_left |= overflow[b] > 0.0;
        }
        if (!is_left)
            break;
    }
    for (int i = 0; i < count; i++) {
        EACH twin->backlog[lanes[i]][b] += taken[i][b];
        if (twin->open_share[lanes[i]] < 1.0)
            EACH twin->allowance[lanes[i]][b] -= taken[i][b];
    }
}

static void order_component(struct twin *twin, const struct plan *plan, int n)
{
    row on_order = {0.0}, owed = {0.0}, quantity;
    FOR(r, INBOUND_START, n)
        EACH on_order[b] += twin->backlog[INBOUND[r]][b] + twin->in_transit[INBOUND[r]][b];
    FOR(r, USES_START, n) EACH owed[b] += twin->waiting[EDGE_MADE[USE[r]]][b] * EDGE_UNITS[USE[r]];
    EACH {
        double stock = twin->on_hand[n][b] + on_order[b];
        quantity[b] = order_up_to(stock, owed[b], stock - owed[b], plan->up_to[n][OF(b)]);
    }
    int lanes[MOST_INBOUND], count = 0;
    bool unlimited = true;
    double total = 0.0;
    FOR(r, INBOUND_START, n) {
        int e = INBOUND[r];
        if (twin->open_share[e] == 0.0 || twin->level[e] == 0.0)
            continue;
        lanes[count++] = e;
        total += SHARE[e];
        unlimited &= twin->open_share[e] == 1.0 && CAPACITY_SHARE[e] == INFINITY;
    }
    if (!unlimited)
        split(twin, plan, lanes, count, quantity);
    else
        for (int i = 0; i < count; i++)
            EACH twin->backlog[lanes[i]][b] += quantity[b] * (SHARE[lanes[i]] / total);
}

/* ---------------------------------------------------------------- phase 3: goods */

/* What each of several claims gets of what is scarce, by file order or in proportion; returns their sum. */
static inline double share_out(double available, double *claims[], int count, int b, bool by_order)
{
    double total = 0.0, left = most(0.0, available), before = left, sum = 0.0;
    for (int i = 0; i < count; i++)
        total += claims[i][b];
    for (int i = 0; i < count; i++) {
        if (by_order)
            before = left, total = claims[i][b];
        claims[i][b] = granted(claims[i][b], total, before, left);
        left -= claims[i][b];
        sum += claims[i][b];
    }
    return sum;
}

static void send(struct twin *twin, const double *units, int e, int day)
{
    int today = day % TRANSIT_SLOTS;
    EACH {
        twin->backlog[e][b] -= units[b];
        twin->in_transit[e][b] += units[b];
    }
    EACH if (units[b] > 0.0) {
        int arrival = day + travel_days[e][b];
        if (!ORDER_CROSSING[e] && twin->last_arrival[e][b] > arrival)
            arrival = twin->last_arrival[e][b];
        if (arrival > twin->last_arrival[e][b])
            twin->last_arrival[e][b] = arrival;
        int slot = today + arrival - day;
        twin->transit[slot < TRANSIT_SLOTS ? slot : slot - TRANSIT_SLOTS][e][b] += units[b];
    }
}

static void supply(struct twin *twin, const struct plan *plan, int s, int day)
{
    row wanted[MOST_OUTBOUND], total = {0.0};
    double *claims[MOST_OUTBOUND];
    int lanes[MOST_OUTBOUND], count = 0;
    FOR(r, OUTBOUND_START, s) {
        int e = OUTBOUND[r];
        if (twin->open_share[e] == 0.0 || twin->level[e] == 0.0)
            continue;
        if (CAPACITY_SHARE[e] < INFINITY)
            EACH wanted[count][b] = least(twin->backlog[e][b], lane_capacity(twin, e, plan->usage[BUYER[e]][OF(b)]));
        else
            EACH wanted[count][b] = twin->backlog[e][b];
        EACH total[b] += wanted[count][b];
        claims[count] = wanted[count];
        lanes[count++] = e;
    }
    if (CAPACITY[s] < INFINITY)
        EACH if (total[b] > CAPACITY[s]) share_out(CAPACITY[s], claims, count, b, false);
    for (int i = 0; i < count; i++)
        send(twin, wanted[i], lanes[i], day);
}

static void receive(struct twin *twin, int n, int day)
{
    FOR(r, INBOUND_START, n) {
        int e = INBOUND[r];
        double *due = twin->transit[day % TRANSIT_SLOTS][e];
        EACH {
            double left = most(0.0, twin->in_transit[e][b] - due[b]);
            left = twin->last_arrival[e][b] > day ? left : 0.0;
            twin->in_transit[e][b] = due[b] > 0.0 ? left : twin->in_transit[e][b];
            twin->on_hand[n][b] += due[b];
            due[b] = 0.0;
        }
    }
}

static void need(const struct twin *twin, int edge, row out)
{
    int made = EDGE_MADE[edge];
    EACH out[b] = least(twin->waiting[made][b], CAPACITY[made]);
    FOR(r, INPUTS_START, made)
        if (INPUT[r] != edge)
            EACH out[b] = least(out[b], twin->on_hand[EDGE_POINT[INPUT[r]]][b] / EDGE_UNITS[INPUT[r]]);
    EACH out[b] *= EDGE_UNITS[edge];
}

/* Lower what is started to what an input that is short allows. */
static void support(const struct twin *twin, int edge, const double *possible, double *start)
{
    const double *on_hand = twin->on_hand[EDGE_POINT[edge]];
    row asked, own, other, total;
    bool is_scarce = false;
    EACH asked[b] = possible[b] * EDGE_UNITS[edge];
    FOR(r, RIVALS_START, edge)
        EACH asked[b] += twin->waiting[EDGE_MADE[RIVAL[r]]][b] * EDGE_UNITS[RIVAL[r]];
    EACH is_scarce |= asked[b] > on_hand[b];
    if (!is_scarce)
        return;
    need(twin, edge, own);
    EACH total[b] = own[b];
    if (!BY_ORDER[EDGE_POINT[edge]])
        FOR(r, RIVALS_START, edge) {
            need(twin, RIVAL[r], other);
            EACH total[b] += other[b];
        }
    EACH {
        double grant = granted(own[b], total[b], on_hand[b], on_hand[b]);
        double allowed = (grant >= own[b] ? on_hand[b] : grant) / EDGE_UNITS[edge];
        start[b] = asked[b] > on_hand[b] ? least(start[b], allowed) : start[b];
    }
}

static void produce(struct twin *twin, int n, int day)
{
    const double *finished = twin->work[day % WORK_SLOTS][n];
    row possible, start;
    EACH {
        double units = finished[b];
        double left = twin->last_completion[n][b] > day ? most(0.0, twin->in_process[n][b] - units) : 0.0;
        twin->in_process[n][b] = units > 0.0 ? left : twin->in_process[n][b];
        twin->on_hand[n][b] += units;
        start[b] = possible[b] = least(twin->waiting[n][b], CAPACITY[n]);
    }
    FOR(r, INPUTS_START, n) support(twin, INPUT[r], possible, start);
    FOR(r, INPUTS_START, n) {
        double *on_hand = twin->on_hand[EDGE_POINT[INPUT[r]]];
        EACH on_hand[b] -= least(on_hand[b], start[b] * EDGE_UNITS[INPUT[r]]);
    }
    double *ready = twin->work[(day + PROCESS_DAYS[n]) % WORK_SLOTS][n];
    EACH {
        twin->waiting[n][b] -= start[b];
        twin->in_process[n][b] += start[b];
        ready[b] = start[b];
        twin->last_completion[n][b] = start[b] > 0.0 ? day + PROCESS_DAYS[n] : twin->last_completion[n][b];
    }
}

static void sell(struct twin *twin, int n, bool counts)
{
    int count = STREAMS_START[n + 1] - STREAMS_START[n];
    const int *streams = STREAM + STREAMS_START[n];
    row sold[MOST_STREAMS], total = {0.0};
    double *claims[MOST_STREAMS];
    for (int i = 0; i < count; i++) {
        claims[i] = sold[i];
        EACH {
            sold[i][b] = twin->unserved[streams[i]][b];
            total[b] += sold[i][b];
        }
    }
    EACH if (total[b] > twin->on_hand[n][b]) {
        total[b] = share_out(twin->on_hand[n][b], claims, count, b, BY_ORDER[n]);
    }
    for (int i = 0; i < count; i++) {
        int d = streams[i];
        EACH twin->unserved[d][b] -= sold[i][b];
        if (counts)
            EACH twin->sold[d][b] += sold[i][b];
    }
    EACH twin->on_hand[n][b] = most(0.0, twin->on_hand[n][b] - total[b]);
}

static void run_day(struct twin *twin, const struct plan *plan, int day, bool counts)
{
    set_conditions(twin, plan, day);
    if (day == 0)
        for (int n = 0; n < POINTS; n++)
            EACH twin->on_hand[n][b] = plan->up_to[n][OF(b)];
    for (int d = 0; d < STREAMS; d++)
        EACH twin->unserved[d][b] += demand[d][b];
    for (int i = 0; i < PRODUCTS; i++)
        order_product(twin, plan, PRODUCT[i], day);
    for (int i = 0; i < COMPONENTS; i++)
        order_component(twin, plan, COMPONENT[i]);
    for (int s = 0; s < SOURCES; s++)
        supply(twin, plan, SOURCE[s], day);
    for (int i = 0; i < COMPONENTS; i++)
        receive(twin, COMPONENT[i], day);
    for (int i = 0; i < PRODUCTS; i++) {
        produce(twin, PRODUCT[i], day);
        sell(twin, PRODUCT[i], counts);
    }
    for (int d = 0; d < STREAMS; d++)
        if (LEAVING_SHARE[d] > 0.0)
            EACH twin->unserved[d][b] -= twin->unserved[d][b] * LEAVING_SHARE[d];
}

/* ---------------------------------------------------------------- replications */

#ifdef PLAN_EACH
static struct plan plan_today;
#else
static struct plan plans[DAYS];
#endif

static void simulate(int first_replication, int first_day, int end_day, int shared_days)
{
    begin(&scenario, true);
    begin(&counterfactual, false);
    for (int day = 0; day < DAYS; day++) {
        bool counts = first_day <= day && day < end_day;
        uint64_t counter = (uint64_t)first_replication << 32 | (uint64_t)day << 12;
#ifdef PLAN_EACH
        struct plan *plan = &plan_today;
        plan_day(plan, day);
#else
        struct plan *plan = &plans[day];
#endif
        draw_demand(plan, counter);
        draw_travel_days(counter, day);
        if (day == shared_days && day > 0) {
            counterfactual = scenario;
            counterfactual.has_ban = false;
        }
        run_day(&scenario, plan, day, counts);
        if (day >= shared_days)
            run_day(&counterfactual, plan, day, counts);
    }
}

static double revenue_of(const struct twin *twin)
{
    double revenue = 0.0;
    for (int d = 0; d < STREAMS; d++)
        EACH revenue += twin->sold[d][b] * PRICE[d];
    return revenue;
}

static void list(const struct twin *twin)
{
    EACH {
        for (int d = 0; d < STREAMS; d++)
            printf("%a ", twin->sold[d][b]);
        printf("\n");
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(int count, char **arguments)
{
    if (count != 6)
        return EXIT_FAILURE;
    int replications = atoi(arguments[1]), first_day = atoi(arguments[2]), end_day = atoi(arguments[3]);
    int shared_days = atoi(arguments[4]) ? BAN_START : 0;
    double revenue[2] = {0.0, 0.0}, start = seconds();
#ifndef PLAN_EACH
    for (int day = 0; day < DAYS; day++)
        plan_day(&plans[day], day);
#endif
    for (int first = 0; first < replications; first += WIDTH) {
        simulate(first, first_day, end_day, shared_days);
        revenue[0] += revenue_of(&scenario);
        revenue[1] += revenue_of(&counterfactual);
        if (atoi(arguments[5])) {
            list(&scenario);
            list(&counterfactual);
        }
    }
    printf("%.9f %.17g %.17g\n", seconds() - start, revenue[0], revenue[1]);
    return EXIT_SUCCESS;
}
