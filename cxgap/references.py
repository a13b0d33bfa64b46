"""The literature behind each method, once."""

from __future__ import annotations

from typing import Final

REFERENCES: Final = {
    "aalen_johansen": (
        "Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on "
        "censored observations. Scandinavian Journal of Statistics, 5(3), 141-150."
    ),
    "azen_budescu": (
        "Azen, R., & Budescu, D. V. (2003). The dominance analysis approach for comparing predictors in multiple regression. "
        "Psychological Methods, 8(2), 129-148."
    ),
    "bell_mccaffrey": (
        "Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage "
        "samples. Survey Methodology, 28(2), 169-181."
    ),
    "benjamini_hochberg": (
        "Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate: A practical and powerful approach to"
        " multiple testing. Journal of the Royal Statistical Society B, 57(1), 289-300."
    ),
    "berger": (
        "Berger, C., Blauth, R., Boger, D., Bolster, C., Burchill, G., DuMouchel, W., Pouliot, F., Richter, R., Rubinoff, "
        "A., Shen, D., Timko, M., & Walden, D. (1993). Kano's methods for understanding customer-defined quality. Center for "
        "Quality Management Journal, 2(4), 3-36."
    ),
    "bertrand": (
        "Bertrand, M., Duflo, E., & Mullainathan, S. (2004). How much should we trust differences-in-differences estimates? "
        "Quarterly Journal of Economics, 119(1), 249-275."
    ),
    "binder": (
        "Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International "
        "Statistical Review, 51(3), 279-292."
    ),
    "bjoernsson": (
        "Bjoernsson, C.-H. (1983). Readability of newspapers in 11 languages. Reading Research Quarterly, 18(4), 480-497."
    ),
    "brandt": (
        "Brandt, D. R. (1987). A procedure for identifying value-enhancing service components using customer satisfaction "
        "survey data. In C. Surprenant (Ed.), Add value to your service (pp. 61-65). American Marketing Association."
    ),
    "brookmeyer_crowley": (
        "Brookmeyer, R., & Crowley, J. (1982). A confidence interval for the median survival time. Biometrics, 38(1), 29-41."
    ),
    "brown_cai_dasgupta": (
        "Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science, "
        "16(2), 101-133."
    ),
    "callaway": (
        "Callaway, B., & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of "
        "Econometrics, 225(2), 200-230."
    ),
    "cameron": (
        "Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered "
        "errors. Review of Economics and Statistics, 90(3), 414-427."
    ),
    "chapman": (
        "Chapman, D. G. (1951). Some properties of the hypergeometric distribution with applications to zoological sample "
        "censuses. University of California Publications in Statistics, 1(7), 131-160."
    ),
    "cliff": (
        "Cliff, N. (1993). Dominance statistics: Ordinal analyses to answer ordinal questions. Psychological Bulletin, "
        "114(3), 494-509."
    ),
    "cohen": "Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum.",
    "cohen_1960": (
        "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement, 20(1), "
        "37-46."
    ),
    "cox_1972": "Cox, D. R. (1972). Regression models and life-tables. Journal of the Royal Statistical Society B, "
    "34(2), 187-220.",
    "cronbach_1951": (
        "Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16(3), 297-334."
    ),
    "cronbach_1955": (
        "Cronbach, L. J. (1955). Processes affecting scores on understanding of others and assumed similarity. "
        "Psychological Bulletin, 52(3), 177-193."
    ),
    "cronin_taylor": (
        "Cronin, J. J., & Taylor, S. A. (1992). Measuring service quality: A reexamination and extension. Journal of "
        "Marketing, 56(3), 55-68."
    ),
    "davison_hinkley": (
        "Davison, A. C., & Hinkley, D. V. (1988). Saddlepoint approximations in resampling methods. Biometrika, 75(3), 417-431."
    ),
    "delong": (
        "DeLong, E. R., DeLong, D. M., & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated "
        "receiver "
        "operating characteristic curves: A nonparametric approach. Biometrics, 44(3), 837-845."
    ),
    "deming_stephan": (
        "Deming, W. E., & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the "
        "expected marginal totals are known. Annals of Mathematical Statistics, 11(4), 427-444."
    ),
    "dempster": (
        "Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Maximum likelihood from incomplete data via the EM algorithm. "
        "Journal of the Royal Statistical Society B, 39(1), 1-38."
    ),
    "diciccio_romano": (
        "DiCiccio, C. J., & Romano, J. P. (2017). Robust permutation tests for correlation and regression coefficients. "
        "Journal of the American Statistical Association, 112(519), 1211-1220."
    ),
    "edwards_parry": (
        "Edwards, J. R., & Parry, M. E. (1993). On the use of polynomial regression equations as an alternative to "
        "difference scores in organizational research. Academy of Management Journal, 36(6), 1577-1613."
    ),
    "efron": (
        "Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association, "
        "82(397), 171-185."
    ),
    "fay_herriot": (
        "Fay, R. E., & Herriot, R. A. (1979). Estimates of income for small places: An application of James-Stein "
        "procedures to census data. Journal of the American Statistical Association, 74(366), 269-277."
    ),
    "feldt": (
        "Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty. "
        "Psychometrika, 30(3), 357-370."
    ),
    "fieller": (
        "Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B, 16(2), "
        "175-185."
    ),
    "firth": "Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika, 80(1), 27-38.",
    "fisher_1915": (
        "Fisher, R. A. (1915). Frequency distribution of the values of the correlation coefficient in samples from an "
        "indefinitely large population. Biometrika, 10(4), 507-521."
    ),
    "fong": (
        "Fong, D. (1996). Using the self-stated importance questionnaire to interpret Kano questionnaire results. Center for "
        "Quality Management Journal, 5(3), 21-24."
    ),
    "fredrickson_kahneman": (
        "Fredrickson, B. L., & Kahneman, D. (1993). Duration neglect in retrospective evaluations of affective episodes. "
        "Journal of Personality and Social Psychology, 65(1), 45-55."
    ),
    "fuller": "Fuller, W. A. (1987). Measurement error models. Wiley.",
    "graf": (
        "Graf, E., Schmoor, C., Sauerbrei, W., & Schumacher, M. (1999). Assessment and comparison of prognostic classification "
        "schemes for survival data. Statistics in Medicine, 18(17-18), 2529-2545."
    ),
    "grambsch_therneau": (
        "Grambsch, P. M., & Therneau, T. M. (1994). Proportional hazards tests and diagnostics based on weighted residuals. "
        "Biometrika, 81(3), 515-526."
    ),
    "groemping": (
        "Grömping, U. (2006). Relative importance for linear regression in R: The package relaimpo. Journal of Statistical "
        "Software, 17(1), 1-27."
    ),
    "hedges": (
        "Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related estimators. Journal "
        "of Educational Statistics, 6(2), 107-128."
    ),
    "henderson": ("Henderson, C. R. (1953). Estimation of variance and covariance components. Biometrics, 9(2), 226-252."),
    "hennig": (
        "Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data Analysis, 52(1), "
        "258-271."
    ),
    "holm": (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, "
        "6(2), 65-70."
    ),
    "horn": (
        "Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika, 30(2), 179-185."
    ),
    "hubert_arabie": "Hubert, L., & Arabie, P. (1985). Comparing partitions. Journal of Classification, 2(1), 193-218.",
    "hyndman_fan": (
        "Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician, 50(4), 361-365."
    ),
    "johnson": (
        "Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor variables in multiple "
        "regression. Multivariate Behavioral Research, 35(1), 1-19."
    ),
    "jones_champ": (
        "Jones, L. A., Champ, C. W., & Rigdon, S. E. (2004). The run length distribution of the CUSUM with estimated "
        "parameters. Journal of Quality Technology, 36(1), 95-108."
    ),
    "kano": (
        "Kano, N., Seraku, N., Takahashi, F., & Tsuji, S. (1984). Attractive quality and must-be quality. Hinshitsu, 14(2), "
        "39-48."
    ),
    "kaplan_meier": (
        "Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the "
        "American Statistical Association, 53(282), 457-481."
    ),
    "kish": "Kish, L. (1965). Survey sampling. Wiley.",
    "kitagawa": (
        "Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical "
        "Association, 50(272), 1168-1194."
    ),
    "korn_graubard": (
        "Korn, E. L., & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of "
        "positive counts estimated from survey data. Survey Methodology, 24(2), 193-201."
    ),
    "kuenzel": (
        "Künzel, S. R., Sekhon, J. S., Bickel, P. J., & Yu, B. (2019). Metalearners for estimating heterogeneous treatment "
        "effects using machine learning. Proceedings of the National Academy of Sciences, 116(10), 4156-4165."
    ),
    "lakens": (
        "Lakens, D. (2013). Calculating and reporting effect sizes to facilitate cumulative science: A practical primer "
        "for t-tests and ANOVAs. Frontiers in Psychology, 4, 863."
    ),
    "laney": "Laney, D. B. (2002). Improved control charts for attributes. Quality Engineering, 14(4), 531-537.",
    "li_morgan": (
        "Li, F., Morgan, K. L., & Zaslavsky, A. M. (2018). Balancing covariates via propensity score weighting. Journal of the "
        "American Statistical Association, 113(521), 390-400."
    ),
    "lindeman": (
        "Lindeman, R. H., Merenda, P. F., & Gold, R. Z. (1980). Introduction to bivariate and multivariate analysis. Scott, "
        "Foresman."
    ),
    "lin_wei": (
        "Lin, D. Y., & Wei, L. J. (1989). The robust inference for the Cox proportional hazards model. Journal of the American "
        "Statistical Association, 84(408), 1074-1078."
    ),
    "lucas_saccucci": (
        "Lucas, J. M., & Saccucci, M. S. (1990). Exponentially weighted moving average control schemes: Properties and "
        "enhancements. Technometrics, 32(1), 1-12."
    ),
    "lumley": "Lumley, T. (2004). Analysis of complex survey samples. Journal of Statistical Software, 9(8), 1-19.",
    "mackinnon_nielsen_webb": (
        "MacKinnon, J. G., Nielsen, M. O., & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for "
        "cluster-robust inference. Journal of Applied Econometrics, 38(5), 671-694."
    ),
    "manski": "Manski, C. F. (1990). Nonparametric bounds on treatment effects. American Economic Review, 80(2), 319-323.",
    "mcdonald": "McDonald, R. P. (1999). Test theory: A unified treatment. Erlbaum.",
    "mclachlan": (
        "McLachlan, G. J. (1987). On bootstrapping the likelihood ratio test statistic for the number of components in a "
        "normal mixture. Applied Statistics, 36(3), 318-324."
    ),
    "meade_craig": (
        "Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods, "
        "17(3), 437-455."
    ),
    "martilla_james": (
        "Martilla, J. A., & James, J. C. (1977). Importance-performance analysis. Journal of Marketing, 41(1), 77-79."
    ),
    "mikulic_prebezac": (
        "Mikulic, J., & Prebezac, D. (2008). Prioritizing improvement of service attributes using impact range-performance "
        "analysis and impact-asymmetry analysis. Managing Service Quality, 18(6), 559-576."
    ),
    "mittal": (
        "Mittal, V., Ross, W. T., & Baldasare, P. M. (1998). The asymmetric impact of negative and positive attribute-level "
        "performance on overall satisfaction and repurchase intentions. Journal of Marketing, 62(1), 33-47."
    ),
    "mogstad": (
        "Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with applications to "
        "mobility across neighbourhoods and academic achievement across countries. Review of Economic Studies, 91(1), "
        "476-518."
    ),
    "morris": (
        "Morris, C. N. (1983). Parametric empirical Bayes inference: Theory and applications. Journal of the American "
        "Statistical Association, 78(381), 47-55."
    ),
    "newcombe": (
        "Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: Comparison of "
        "eleven methods. Statistics in Medicine, 17(8), 873-890."
    ),
    "obrien_fleming": (
        "O'Brien, P. C., & Fleming, T. R. (1979). A multiple testing procedure for clinical trials. Biometrics, 35(3), 549-556."
    ),
    "omalley": (
        "O'Malley, A. J., Zaslavsky, A. M., Elliott, M. N., Zaborski, L., & Cleary, P. D. (2005). Case-mix adjustment of the "
        "CAHPS hospital survey. Health Services Research, 40(6), 2162-2181."
    ),
    "owen": (
        "Owen, G. (1977). Values of games with a priori unions. In R. Henn & O. Moeschlin (Eds.), Mathematical economics and "
        "game theory (pp. 76-88). Springer."
    ),
    "page": "Page, E. S. (1954). Continuous inspection schemes. Biometrika, 41(1/2), 100-115.",
    "paule_mandel": (
        "Paule, R. C., & Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the National "
        "Bureau of Standards, 87(5), 377-385."
    ),
    "peter": (
        "Peter, J. P., Churchill, G. A., & Brown, T. J. (1993). Caution in the use of difference scores in consumer "
        "research. Journal of Consumer Research, 19(4), 655-662."
    ),
    "pratt": (
        "Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. Journal of the American "
        "Statistical Association, 54(287), 655-667."
    ),
    "pzb_1985": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1985). A conceptual model of service quality and its "
        "implications for future research. Journal of Marketing, 49(4), 41-50."
    ),
    "pzb_1988": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1988). SERVQUAL: A multiple-item scale for measuring consumer "
        "perceptions of service quality. Journal of Retailing, 64(1), 12-40."
    ),
    "pzb_1991": (
        "Parasuraman, A., Berry, L. L., & Zeithaml, V. A. (1991). Refinement and reassessment of the SERVQUAL scale. "
        "Journal of Retailing, 67(4), 420-450."
    ),
    "pzb_1994": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1994). Alternative scales for measuring service quality: A "
        "comparative assessment based on psychometric and diagnostic criteria. Journal of Retailing, 70(3), 201-230."
    ),
    "radcliffe": (
        "Radcliffe, N. J. (2007). Using control groups to target on predicted lift: Building and assessing uplift models. "
        "Direct Marketing Analytics Journal, 1, 14-21."
    ),
    "rao_wu": (
        "Rao, J. N. K., & Wu, C. F. J. (1988). Resampling inference with complex survey data. Journal of the American "
        "Statistical Association, 83(401), 231-241."
    ),
    "rawson": (
        "Rawson, A., Duncan, E., & Jones, C. (2013). The truth about customer experience. Harvard Business Review, 91(9), "
        "90-98."
    ),
    "redelmeier_kahneman": (
        "Redelmeier, D. A., & Kahneman, D. (1996). Patients' memories of painful medical treatments: Real-time and "
        "retrospective evaluations of two minimally invasive procedures. Pain, 66(1), 3-8."
    ),
    "reichheld": "Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review, 81(12), 46-54.",
    "roberts": "Roberts, S. W. (1959). Control chart tests based on geometric moving averages. Technometrics, 1(3), 239-250.",
    "robins": (
        "Robins, J. (1986). A new approach to causal inference in mortality studies with a sustained exposure period. "
        "Mathematical Modelling, 7(9-12), 1393-1512."
    ),
    "robinson": (
        "Robinson, W. S. (1950). Ecological correlations and the behavior of individuals. American Sociological Review, "
        "15(3), 351-357."
    ),
    "rocks": "Rocks, B. (2016). Interval estimation for the Net Promoter Score. The American Statistician, 70(4), 365-372.",
    "rubin": "Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.",
    "robson_regier": (
        "Robson, D. S., & Regier, H. A. (1964). Sample size in Petersen mark-recapture experiments. Transactions of the "
        "American Fisheries Society, 93(3), 215-226."
    ),
    "rust": (
        "Rust, R. T., Inman, J. J., Jia, J., & Zahorik, A. (1999). What you don't know about customer-perceived quality: The "
        "role of customer expectation distributions. Marketing Science, 18(1), 77-92."
    ),
    "rust_1995": (
        "Rust, R. T., Zahorik, A. J., & Keiningham, T. L. (1995). Return on quality (ROQ): Making service quality financially "
        "accountable. Journal of Marketing, 59(2), 58-70."
    ),
    "satten_datta": (
        "Satten, G. A., & Datta, S. (2001). The Kaplan-Meier estimator as an inverse-probability-of-censoring weighted "
        "average. American Statistician, 55(3), 207-210."
    ),
    "schuirmann": (
        "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing"
        " the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15(6), 657-680."
    ),
    "schwarz": "Schwarz, G. (1978). Estimating the dimension of a model. Annals of Statistics, 6(2), 461-464.",
    "searle": "Searle, S. R., Casella, G., & McCulloch, C. E. (1992). Variance components. Wiley.",
    "shanock": (
        "Shanock, L. R., Baran, B. E., Gentry, W. A., Pattison, S. C., & Heggestad, E. D. (2010). Polynomial regression "
        "with response surface analysis: A powerful approach for examining moderation and overcoming limitations of "
        "difference scores. Journal of Business and Psychology, 25(4), 543-554."
    ),
    "shapley": (
        "Shapley, L. S. (1953). A value for n-person games. In H. W. Kuhn & A. W. Tucker (Eds.), Contributions to the "
        "Theory of "
        "Games II (pp. 307-317). Princeton University Press."
    ),
    "siegmund": "Siegmund, D. (1985). Sequential analysis: Tests and confidence intervals. Springer.",
    "spearman_1904": (
        "Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology, "
        "15(1), 72-101."
    ),
    "spiegelhalter": (
        "Spiegelhalter, D. J., Freedman, L. S., & Blackburn, P. R. (1986). Monitoring clinical trials: Conditional or "
        "predictive power? Controlled Clinical Trials, 7(1), 8-17."
    ),
    "student": "Student (1908). The probable error of a mean. Biometrika, 6(1), 1-25.",
    "vanbrackle": (
        "VanBrackle, L. N., & Reynolds, M. R. (1997). EWMA and CUSUM control charts in the presence of correlation. "
        "Communications in Statistics: Simulation and Computation, 26(3), 979-1008."
    ),
    "vanderweele_ding": (
        "VanderWeele, T. J., & Ding, P. (2017). Sensitivity analysis in observational research: Introducing the "
        "E-value. Annals "
        "of Internal Medicine, 167(4), 268-274."
    ),
    "webb": (
        "Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. Canadian Journal of Economics, "
        "56(3), 839-858."
    ),
    "weingartner": (
        "Weingartner, H. M. (1963). Mathematical programming and the analysis of capital budgeting problems. Prentice-Hall."
    ),
    "welch": (
        "Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are "
        "involved. Biometrika, 34(1-2), 28-35."
    ),
    "welch_1951": (
        "Welch, B. L. (1951). On the comparison of several mean values: An alternative approach. Biometrika, 38(3-4), 330-336."
    ),
    "wilcoxon": "Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin, 1(6), 80-83.",
    "wilson": (
        "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the "
        "American Statistical Association, 22(158), 209-212."
    ),
    "woodruff": (
        "Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the American "
        "Statistical Association, 47(260), 635-646."
    ),
    "yan_su": (
        "Yan, X., & Su, X. G. (2010). Stratified Wilson and Newcombe confidence intervals for multiple binomial proportions. "
        "Statistics in Biopharmaceutical Research, 2(3), 329-335."
    ),
    "zbp_1988": (
        "Zeithaml, V. A., Berry, L. L., & Parasuraman, A. (1988). Communication and control processes in the delivery of "
        "service quality. Journal of Marketing, 52(2), 35-48."
    ),
    "zbp_1993": (
        "Zeithaml, V. A., Berry, L. L., & Parasuraman, A. (1993). The nature and determinants of customer expectations of"
        " service. Journal of the Academy of Marketing Science, 21(1), 1-12."
    ),
    "zomerdijk_voss": (
        "Zomerdijk, L. G., & Voss, C. A. (2010). Service design for experience-centric services. Journal of Service Research, "
        "13(1), 67-82."
    ),
}

# By the slug of a gap or of a table.
BEHIND: Final = {
    "knowledge": ("pzb_1985", "zbp_1988", "welch"),
    "standards": ("pzb_1985", "zbp_1988", "welch"),
    "delivery": ("pzb_1985", "zbp_1988"),
    "communication": ("pzb_1985", "zbp_1988", "kaplan_meier"),
    "customer": ("pzb_1985", "pzb_1988"),
    "company": ("welch",),
    "chain": ("pzb_1985", "zbp_1988", "rao_wu"),
    "tolerance": ("zbp_1993", "pzb_1994"),
    "accuracy": ("cronbach_1955",),
    "paired-tests": ("student", "wilcoxon", "pratt", "schuirmann", "lakens", "hedges", "cliff"),
    "paper-items": ("pzb_1988", "student", "wilcoxon", "pratt", "cohen"),
    "paper-dimensions": ("pzb_1988", "student", "wilcoxon", "pratt", "cronbach_1951", "peter"),
    "paper-scores": ("pzb_1988", "cronin_taylor"),
    "drivers": ("lindeman", "groemping", "johnson", "mogstad", "rao_wu"),
    "dominance": ("azen_budescu", "rao_wu"),
    "stated_importance": ("pzb_1988", "mogstad"),
    "nps": ("reichheld", "rocks"),
    "csat": ("wilson", "korn_graubard"),
    "gap-ranks": ("mogstad", "morris", "paule_mandel"),
    "causes": ("manski", "wilson", "korn_graubard", "cohen_1960"),
    "control_chart": ("laney", "page", "roberts", "siegmund", "lucas_saccucci", "jones_champ", "vanbrackle"),
    "trend": ("binder", "lumley", "benjamini_hochberg", "holm", "kitagawa"),
    "change_decomposition": ("kitagawa", "binder", "lumley"),
    "journey": ("zomerdijk_voss", "holm", "binder", "lumley"),
    "journey_score": ("rawson", "wilson", "korn_graubard", "benjamini_hochberg"),
    "case_mix": ("omalley", "binder", "bell_mccaffrey", "welch_1951", "holm", "fay_herriot", "mogstad"),
    "burden": ("mogstad", "peter", "rao_wu"),
    "importance_performance": ("martilla_james", "rao_wu"),
    "priorities": ("mogstad",),
    "plan": ("cohen",),
    "reliability": ("cronbach_1951", "feldt", "mcdonald", "peter"),
    "item-analysis": ("cronbach_1951",),
    "expectations": ("rust", "hyndman_fan", "woodruff", "binder", "lumley", "holm"),
    "expectation_factors": ("lindeman", "owen", "binder", "holm", "rao_wu"),
    "expectation_segments": ("dempster", "schwarz", "mclachlan", "hennig", "hubert_arabie"),
    "expectation_variance": ("henderson", "searle", "rao_wu"),
    "factors": ("horn",),
    "careless": ("meade_craig",),
    "kano": ("kano", "berger", "fong", "wilson", "korn_graubard", "rao_wu"),
    "peak_end": ("fredrickson_kahneman", "redelmeier_kahneman", "lindeman", "groemping", "rao_wu"),
    "penalty_reward": ("brandt", "mikulic_prebezac", "rao_wu"),
    "missing-sensitivity": ("rubin",),
    "quality": ("cronbach_1951", "feldt", "mcdonald", "peter", "meade_craig"),
    "guard-rails": ("peter", "edwards_parry", "cronin_taylor"),
    "response-surface": ("edwards_parry", "shanock"),
    "surface-models": ("edwards_parry",),
    "raking": ("deming_stephan",),
    "differences": ("binder", "lumley"),
    "before_after": ("binder", "welch", "bertrand", "cameron", "webb", "bell_mccaffrey", "callaway"),
    "loop_latency": ("kaplan_meier", "brookmeyer_crowley"),
    "employee_link": ("fisher_1915", "spearman_1904", "robinson", "fuller"),
    "complaint_iceberg": ("chapman", "robson_regier"),
    "incidents": ("brown_cai_dasgupta",),
    "outreach_counts": ("firth", "kuenzel"),
    "outreach_effect": ("newcombe", "yan_su", "li_morgan", "radcliffe", "vanderweele_ding"),
    "friction": ("binder", "satten_datta", "korn_graubard", "wilson"),
    "channel_switches": ("binder", "korn_graubard", "wilson"),
    "message_audit": ("aalen_johansen", "kaplan_meier", "korn_graubard", "wilson", "bjoernsson"),
    "service_metrics": ("binder", "kaplan_meier", "brookmeyer_crowley", "korn_graubard", "wilson"),
    "outcome_link": ("binder", "cox_1972", "delong", "diciccio_romano", "firth", "graf", "grambsch_therneau", "holm"),
    "value_at_risk": ("robins", "shapley", "rao_wu"),
    "portfolio": ("weingartner", "rust_1995", "robins"),
    "closing_value": ("rust_1995", "vanderweele_ding", "robins"),
    "patience": ("kaplan_meier", "brookmeyer_crowley", "lin_wei"),
    "targets": ("obrien_fleming", "spiegelhalter", "welch"),
    "promise_plan": ("kaplan_meier", "aalen_johansen", "brookmeyer_crowley", "satten_datta"),
    "promise_response": ("mittal", "mackinnon_nielsen_webb", "bell_mccaffrey", "fieller"),
}
