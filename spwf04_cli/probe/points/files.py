"""Files: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Files"

POINTS = [
    Point(
        "default_volume",
        {
            "ram": "RAM disk",
            "flash": "user flash",
        },
        "`AT+S.FSC=x,1` and a byte, `AT+S.FSL`: which letter? Is it there after a reset?",
    ),
    Point(
        "hash_format",
        {
            "HASH:lower": "keyword and digits in lower case",
            "Hash:UPPER": "upper case",
            "Digest:a:b": "with colons",
        },
        "`AT+S.HASH=2,x`",
    ),
    Point(
        "fsl_first_line",
        {
            "Free": "free space",
            "none": "nothing",
            "letter": "by volume",
        },
        "`AT+S.FSL`",
    ),
    Point(
        "fsp_keyword",
        {
            "Read Cap": "`Read Cap`, only if more is asked for than there is",
            "Reading": "`Reading` always",
            "Printing": "`Printing` always",
        },
        "`AT+S.FSP=x`, and `AT+S.FSP=x,0,500` with a shorter file: is there a line "
        "with a number first? The driver reads its notes about certificates in this "
        "way",
    ),
    Point(
        "user_flash",
        {
            "written": "`1:/name` is written to the user flash",
            "refused": "refused",
            "unmounted": "the volume is not mounted",
            "ram": "it goes to the RAM disk",
        },
        "`AT+S.FSC=1:/x,1` and a byte, `AT+S.FSL`: which letter? Is it there after a "
        "reset? **If not, a context's certificates never go to the slot, and the "
        "driver writes the slot again at each start of the host program**",
    ),
]
