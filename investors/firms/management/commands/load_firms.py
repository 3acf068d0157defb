from incubator.common.sheets.command import LoadCommand
from investors.firms.loaders import FirmLoader


class Command(LoadCommand):
    help = "Load firms, their mandates and holdings from a CSV or XLSX file."
    loader_class = FirmLoader
