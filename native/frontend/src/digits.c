/* The table of digits.h: 4 KB, of which columns and line numbers use the first lines most. */
#include "digits.h"

#define ONE(n) {'0' + (n), 0, 0, 1}
#define TWO(n) {'0' + (n) / 10, '0' + (n) % 10, 0, 2}
#define THREE(n) {'0' + (n) / 100, '0' + (n) / 10 % 10, '0' + (n) % 10, 3}
#define TEN(of, n)                                                                                                     \
    of((n)), of((n) + 1), of((n) + 2), of((n) + 3), of((n) + 4), of((n) + 5), of((n) + 6), of((n) + 7), of((n) + 8),   \
        of((n) + 9)
#define HUNDRED(n)                                                                                                     \
    TEN(THREE, (n)), TEN(THREE, (n) + 10), TEN(THREE, (n) + 20), TEN(THREE, (n) + 30), TEN(THREE, (n) + 40),           \
        TEN(THREE, (n) + 50), TEN(THREE, (n) + 60), TEN(THREE, (n) + 70), TEN(THREE, (n) + 80), TEN(THREE, (n) + 90)

const uint8_t fe_digits[1000][4] = {TEN(ONE, 0),  TEN(TWO, 10), TEN(TWO, 20), TEN(TWO, 30), TEN(TWO, 40),
                                    TEN(TWO, 50), TEN(TWO, 60), TEN(TWO, 70), TEN(TWO, 80), TEN(TWO, 90),
                                    HUNDRED(100), HUNDRED(200), HUNDRED(300), HUNDRED(400), HUNDRED(500),
                                    HUNDRED(600), HUNDRED(700), HUNDRED(800), HUNDRED(900)};
